package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cavaliergopher/cpio"
)

func TestStack(t *testing.T) {
	dir := t.TempDir()
	files := fstest.MapFS{
		"hooks/35-wifi.sh":  {Data: []byte("#!/bin/sh\necho hi\n")},
		"hooks/40-plain.sh": {Data: []byte("echo plain\n")},
		"root/user/job.env": {Data: []byte("A=b\n")},
		"other/not-there":   {Data: []byte("x")},
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	for size := range 5 {
		base := strings.Repeat("B", size)
		if err := os.WriteFile(filepath.Join(dir, "base"), []byte(base), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := Stack(&out, filepath.Join(dir, "base"),
			Tree{filepath.Join(dir, "root"), ""}, Tree{filepath.Join(dir, "hooks"), "hooks"},
			Tree{filepath.Join(dir, "absent"), "absent"})
		if err != nil {
			t.Fatal(err)
		}
		second, ok := bytes.CutPrefix(out.Bytes(), []byte(base+strings.Repeat("\x00", (4-size)%4&3)))
		if !ok || (out.Len()-len(second))%4 != 0 {
			t.Errorf("after %d bytes the second archive begins at %d", size, out.Len()-len(second))
		}
		want := strings.Join([]string{
			`40755 user ""`, `100644 user/job.env "A=b\n"`,
			`40755 hooks ""`, `100755 hooks/35-wifi.sh "#!/bin/sh\necho hi\n"`, `100644 hooks/40-plain.sh "echo plain\n"`,
		}, "\n")
		if got := listing(t, second); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestStackNeedsItsBase(t *testing.T) {
	err := Stack(io.Discard, filepath.Join(t.TempDir(), "base"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// listing returns the mode, name and content of each file of an archive.
func listing(t *testing.T, archive []byte) string {
	t.Helper()
	var lines []string
	for r := cpio.NewReader(bytes.NewReader(archive)); ; {
		header, err := r.Next()
		if err == io.EOF {
			return strings.Join(lines, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%o %s %q", header.Mode, header.Name, data))
	}
}
