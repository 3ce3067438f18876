package store

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What an archive without extended attributes has lost is there again.
func TestAttributes(t *testing.T) {
	folder := t.TempDir()
	set := map[string]string{"layers/1": "trusted.overlay.opaque", "layers/1/ping": "security.capability", "layers/1/a folder/\"file\"\n": "user.x"}
	value := []byte("\x00\x00\x00\x02\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	if err := os.MkdirAll(filepath.Join(folder, "layers/1/a folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, name := range set {
		path = filepath.Join(folder, path)
		if filepath.Base(path) != "1" {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := unix.Setxattr(path, name, value, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := SaveAttributes(folder); err != nil {
		t.Fatal(err)
	}
	for path, name := range set {
		if err := unix.Removexattr(filepath.Join(folder, path), name); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time, there is nothing to do
		if err := RestoreAttributes(folder); err != nil {
			t.Fatal(err)
		}
	}
	for path, name := range set {
		got := make([]byte, 64)
		n, err := unix.Getxattr(filepath.Join(folder, path), name, got)
		if err != nil || string(got[:n]) != string(value) {
			t.Errorf("%s of %s: %q, %v", name, path, got[:max(n, 0)], err)
		}
	}
}
