// Package durabletest has a small disk for tests of full ones.
package durabletest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Disk mounts an ext4 of so many MiB, with as many hundreds of files, and returns its folder.
func Disk(t testing.TB, mib int) string {
	t.Helper()
	image, folder := filepath.Join(t.TempDir(), "disk"), filepath.Join(t.TempDir(), "mnt")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, "truncate", "-s", fmt.Sprint(mib, "M"), image)
	run(t, "mkfs.ext4", "-q", "-m", "0", "-N", fmt.Sprint(mib*100), image)
	run(t, "mount", "-o", "loop", image, folder)
	t.Cleanup(func() { run(t, "umount", folder) })
	return folder
}

func run(t testing.TB, words ...string) {
	t.Helper()
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%q (this test needs root): %v\n%s", words, err, out)
	}
}

// FillWith fills the disk from a folder of it, as a program in a container would: with one
// file, or with empty ones until no more can be made.
func FillWith(t testing.TB, what, folder string) {
	t.Helper()
	script := "cd $0 && dd if=/dev/zero of=full bs=64k 2>/dev/null; dd if=/dev/zero of=last bs=1k 2>/dev/null; sync -f ."
	if what == "files" {
		script = "mkdir -p $0/f && cd $0/f && seq 10000 | xargs -n 1000 touch 2>/dev/null; sync -f ."
	}
	run(t, "sh", "-c", script+"; :", folder)
}
