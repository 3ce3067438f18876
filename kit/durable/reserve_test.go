package durable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"bootrc/kit/durable/durabletest"

	"golang.org/x/sys/unix"
)

// On a disk that one folder fills, with bytes or with files, things can still be made beside it.
func TestReserve(t *testing.T) {
	for _, what := range []string{"bytes", "files"} {
		for _, reserved := range []bool{true, false} {
			disk := durabletest.Disk(t, 64)
			if reserved {
				if err := Reserve(disk); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.MkdirAll(disk+"/a/b", 0o755); err != nil {
				t.Fatal(err)
			}
			durabletest.FillWith(t, what, disk+"/a")
			err := os.WriteFile(disk+"/a/more", make([]byte, 64<<10), 0o600)
			if !errors.Is(err, unix.ENOSPC) {
				t.Fatalf("full of %s: %v", what, err)
			}
			w, err := Claim(t.Context(), disk+"/a/b/work")
			if err == nil {
				err = os.WriteFile(w.Path("file"), make([]byte, 64<<10), 0o600)
				err = errors.Join(err, w.Release())
			}
			if reserved && err != nil || !reserved && !errors.Is(err, unix.ENOSPC) {
				t.Errorf("full of %s, reserve %v: %v", what, reserved, err)
			}
			if err := Reserve(disk); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(filepath.Join(disk, reserveName)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("full of %s: there is a reserve, %v", what, err)
			}
		}
	}
}

// What somebody else calls so is not given up.
func TestForeignReserve(t *testing.T) {
	disk := durabletest.Disk(t, 64)
	if err := Reserve(disk); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(disk, "volume", reserveName)
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	durabletest.FillWith(t, "bytes", filepath.Join(disk, "volume"))
	NeedRoom(filepath.Join(disk, "volume", "data", "file"))
	if _, err := os.Lstat(foreign); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(disk, reserveName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the disk's own is kept: %v", err)
	}
}

func TestNoReserve(t *testing.T) {
	memory := t.TempDir()
	if err := unix.Mount("none", memory, "tmpfs", 0, "size=256M"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(memory, 0) })
	for name, folder := range map[string]string{"memory": memory, "a folder": t.TempDir(), "few files": durabletest.Disk(t, 8)} {
		if err := Reserve(folder); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(folder, reserveName)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: there is one, %v", name, err)
		}
	}
}
