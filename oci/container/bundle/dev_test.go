package bundle

import (
	"os"
	"path/filepath"
	"testing"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

func TestCopyDevices(t *testing.T) {
	from, to, outside := t.TempDir(), t.TempDir(), t.TempDir()
	for _, d := range []struct {
		name string
		mode uint32
		dev  uint64
	}{
		{"null", unix.S_IFCHR | 0o666, unix.Mkdev(1, 3)},
		{"disk", unix.S_IFBLK | 0o660, unix.Mkdev(254, 7)},
		{"input/event0", unix.S_IFCHR | 0o640, unix.Mkdev(13, 64)},
		{"snd/seq", unix.S_IFCHR | 0o660, unix.Mkdev(116, 1)},
		{"console", unix.S_IFCHR | 0o600, unix.Mkdev(5, 1)},
	} {
		name := filepath.Join(from, d.name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mknod(name, d.mode, int(d.dev)); err != nil {
			t.Fatalf("mknod %s (this test needs root): %v", name, err)
		}
		if err := unix.Chmod(name, d.mode&0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(from, "disk"), 0, 6); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("null", filepath.Join(from, "link")); err != nil {
		t.Fatal(err)
	}
	// a container can have such a link when the machine's devices are copied once more
	if err := os.Symlink(outside, filepath.Join(to, "snd")); err != nil {
		t.Fatal(err)
	}
	dev, err := inside.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	if err := copyDevices(from, dev, []string{"console"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"null", "disk", "input/event0"} {
		var want, got unix.Stat_t
		if err := unix.Lstat(filepath.Join(from, name), &want); err != nil {
			t.Fatal(err)
		}
		if err := unix.Lstat(filepath.Join(to, name), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got.Mode != want.Mode || got.Rdev != want.Rdev || got.Gid != want.Gid {
			t.Errorf("%s: mode %o, device %x, group %d; want %o, %x, %d", name, got.Mode, got.Rdev, got.Gid, want.Mode, want.Rdev, want.Gid)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside: %v, %v", entries, err)
	}
	for _, name := range []string{"console", "link"} {
		if _, err := os.Lstat(filepath.Join(to, name)); err == nil {
			t.Errorf("%s was copied", name)
		}
	}
	if err := linkDevices(to); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(filepath.Join(to, "ptmx")); target != "pts/ptmx" {
		t.Errorf("ptmx leads to %q, %v", target, err)
	}
}
