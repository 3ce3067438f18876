package ext4

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/program"

	"golang.org/x/sys/unix"
)

// sparse makes a file of size bytes that takes no space.
func sparse(t *testing.T, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	return path
}

// output runs a program and returns what it says.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program.Need(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// attach makes a file a block device.
func attach(t *testing.T, path string) (device string) {
	t.Helper()
	device = output(t, "losetup", "-f", "--show", path)
	t.Cleanup(func() { output(t, "losetup", "-d", device) })
	return device
}

// mounted mounts a device for as long as the test does something in folder.
func mounted(t *testing.T, device string, do func(folder string)) {
	t.Helper()
	folder := t.TempDir()
	if err := unix.Mount(device, folder, "ext4", 0, ""); err != nil {
		t.Fatalf("mount %s: %v", device, err)
	}
	defer func() {
		if err := unix.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	}()
	do(folder)
}

// allocated is how many bytes a file takes.
func allocated(t *testing.T, path string) int64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Blocks * 512
}

// From the smallest disk to one of 4 TiB: little is written, e2fsck finds no fault,
// the kernel mounts and fills it, and could encrypt.
func TestMake(t *testing.T) {
	for _, size := range []int64{256 << 20, 1<<30 + 12800, 20 << 30, 4 << 40} {
		t.Run(fmt.Sprint(size>>20, "MiB"), func(t *testing.T) {
			path := sparse(t, size)
			if err := Make(context.Background(), path, "B2C_CACHE"); err != nil {
				t.Fatal(err)
			}
			if n := allocated(t, path); n > 100<<20 {
				t.Errorf("it wrote %d MiB", n>>20)
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			s, err := Read(f)
			if err != nil || !s.Clean || s.Label != "B2C_CACHE" || s.BlockSize != 4096 || int64(s.Blocks)*4096 < size/100*99 {
				t.Errorf("got %+v, %v", s, err)
			}
			mounted(t, attach(t, path), func(folder string) {
				if err := os.WriteFile(filepath.Join(folder, "file"), []byte("x"), 0o600); err != nil {
					t.Error(err)
				}
			})
			if features := output(t, "dumpe2fs", "-h", path); !strings.Contains(features, " encrypt ") {
				t.Errorf("the encrypt feature is missing:\n%s", features)
			}
			output(t, "e2fsck", "-fn", path)
		})
	}
}

// What a power cut leaves is a journal to be replayed: nothing is lost, and there is
// nothing to tell.
func TestCheckAfterPowerCut(t *testing.T) {
	path := sparse(t, 64<<20)
	if err := Make(context.Background(), path, "x"); err != nil {
		t.Fatal(err)
	}
	cut := path + ".cut"
	mounted(t, attach(t, path), func(folder string) {
		if err := os.WriteFile(filepath.Join(folder, "file"), []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		unix.Sync()
		output(t, "cp", "--sparse=always", path, cut)
	})
	f, err := os.Open(cut)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s, err := Read(f); err != nil || s.Clean {
		t.Errorf("it is clean before its check: %v", err)
	}
	if repairs, err := Check(context.Background(), cut); err != nil || repairs != "" {
		t.Errorf("got %q, %v", repairs, err)
	}
	if s, err := Read(f); err != nil || !s.Clean {
		t.Errorf("it is not clean after its check: %v", err)
	}
	mounted(t, attach(t, cut), func(folder string) {
		if text, err := os.ReadFile(filepath.Join(folder, "file")); string(text) != "kept" {
			t.Errorf("the file holds %q, %v", text, err)
		}
	})
}

// Damage is repaired without a question, and told.
func TestCheckDamaged(t *testing.T) {
	path := sparse(t, 64<<20)
	if err := Make(context.Background(), path, "x"); err != nil {
		t.Fatal(err)
	}
	output(t, "debugfs", "-w", "-R", "clri <2>", path) // no root folder any more
	output(t, "debugfs", "-w", "-R", "ssv state 2", path)
	repairs, err := Check(context.Background(), path)
	if err != nil || !strings.Contains(repairs, "oot") {
		t.Errorf("got %q, %v, want words about the root folder", repairs, err)
	}
	output(t, "e2fsck", "-fn", path)
}

func TestCheckHopeless(t *testing.T) {
	path := sparse(t, 64<<20)
	if _, err := Check(context.Background(), path); err == nil || !strings.Contains(err.Error(), "e2fsck "+path) {
		t.Errorf("zeroes: got %v", err)
	}
}

func TestReadNothing(t *testing.T) {
	for _, size := range []int{0, 100, 1 << 20} {
		if s, err := Read(bytes.NewReader(make([]byte, size))); err == nil {
			t.Errorf("%d zeroes: got %+v", size, s)
		}
	}
}
