package regular

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(dir+"/file", []byte("12345678"), 0o600))
	must(os.WriteFile(dir+"/long", []byte("123456789"), 0o600))
	must(os.Symlink("file", dir+"/link"))
	must(os.Symlink("fifo", dir+"/to-fifo"))
	must(unix.Mkfifo(dir+"/fifo", 0o600))
	must(os.Mkdir(dir+"/folder", 0o700))
	must(unix.Mknod(dir+"/zero", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 5))))
	socket, err := net.Listen("unix", dir+"/socket")
	must(err)
	defer socket.Close()
	root, err := inside.Open(dir)
	must(err)
	defer root.Close()

	for name, want := range map[string]string{
		"file": "", "link": "",
		"long":    "it has more than the 8 bytes allowed",
		"fifo":    "it is a FIFO, not a regular file",
		"to-fifo": "it is a FIFO, not a regular file",
		"folder":  "it is a folder, not a regular file",
		"zero":    "it is a device, not a regular file",
		"socket":  "it is a socket, not a regular file",
		"nothing": "no such file",
	} {
		check := func(b []byte, err error) {
			t.Helper()
			switch {
			case want == "" && (err != nil || string(b) != "12345678"):
				t.Errorf("%s: got %q, %v", name, b, err)
			case name != "nothing" && errors.Is(err, ErrUnfit) != (want != ""):
				t.Errorf("%s: got %v", name, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name)):
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
		check(Read(filepath.Join(dir, name), 8))
		check(ReadIn(root, name, 8))
	}
}
