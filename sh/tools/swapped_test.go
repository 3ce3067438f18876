package tools

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"bootrc/kit/inside/insidetest"

	"golang.org/x/sys/unix"
)

// While a tool goes through a tree, somebody puts a link to another in the place of a folder,
// and the folder back, again and again: nothing of the other changes.
func TestSwappedFolder(t *testing.T) {
	for _, command := range []string{"chown -R 77:77 tree", "chmod -R 0 tree", "rm -rf tree"} {
		t.Run(command, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			fill := func(folder string) {
				err := os.MkdirAll(folder, 0o755)
				for i := range 50 {
					if err == nil {
						err = os.WriteFile(filepath.Join(folder, strconv.Itoa(i)), nil, 0o644)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			fill(outside + "/e")
			stop, swaps := insidetest.Swap(t, dir+"/tree/d", dir+"/link")
			for swaps() < 100 {
				for os.RemoveAll(dir+"/tree") != nil || os.RemoveAll(dir+"/link") != nil {
				}
				if err := os.Symlink(outside, dir+"/link"); err != nil {
					t.Fatal(err)
				}
				fill(dir + "/new/d/e")
				if err := os.Rename(dir+"/new", dir+"/tree"); err != nil {
					t.Fatal(err)
				}
				runOurs(t.Context(), t, dir, command)
			}
			stop()
			for i := range 50 {
				var st unix.Stat_t
				err := unix.Stat(filepath.Join(outside, "e", strconv.Itoa(i)), &st)
				if err != nil || st.Mode&0o777 != 0o644 || st.Uid != 0 {
					t.Errorf("%d: mode %o, user %d, %v", i, st.Mode, st.Uid, err)
				}
			}
		})
	}
}
