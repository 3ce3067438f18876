package volume

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// On a disk that anybody may have had, a volume's metadata may be anything.
func TestForeignMetadata(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(file string) error
		want string
	}{
		"FIFO":    {func(file string) error { return unix.Mkfifo(file, 0o600) }, "it is a FIFO, not a regular file"},
		"device":  {func(file string) error { return unix.Mknod(file, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 5))) }, "it is a device, not a regular file"},
		"endless": {func(file string) error { return errors.Join(os.WriteFile(file, nil, 0o600), os.Truncate(file, 1<<40)) }, "it has more than the 1048576 bytes allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := tt.make(filepath.Join(folder, metadataFile)); err != nil {
				t.Fatal(err)
			}
			if _, err := readMetadata(folder); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
