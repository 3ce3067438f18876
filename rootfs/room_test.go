package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of what the kernel unpacked, that is missing which has its size, but not its content.
func TestRemoveHoles(t *testing.T) {
	root := t.TempDir()
	for name, f := range map[string]struct {
		text string
		size int64
	}{
		"hook": {"echo hi\n", 8}, "empty": {"", 0}, "below/none": {"", 4096}, "half": {strings.Repeat("x", 8192), 1 << 20},
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(f.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, f.size); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("half", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if removed, err := removeHoles(root); removed != filepath.Join(root, "half") || err != nil {
		t.Errorf("removed %q, %v; want half", removed, err)
	}
	for name, want := range map[string]bool{"hook": true, "empty": true, "link": true, "below": true, "half": false, "below/none": false} {
		if _, err := os.Lstat(filepath.Join(root, name)); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", name, err, want)
		}
	}
}
