package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/kit/inside/insidetest"

	"golang.org/x/sys/unix"
)

// While a container starts, another one that has the same volume puts a link to a folder of
// the host in the place of one in the volume, and that back, again and again. Nothing of the
// host's changes, and the container sees nothing of it.
func TestSwappedFolder(t *testing.T) {
	const files = 400
	fill := func(folder, name string) {
		err := os.MkdirAll(folder, 0o755)
		for i := range files {
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, name+fmt.Sprint(i)), nil, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	image := testImage(t)
	fill(image.Layers[0]+"/data/d/e", "image")
	for name, words := range map[string]string{
		"filled":     "-v|job:/data",
		"owned":      "-v|job:/x:U|-u|nobody",
		"part":       "--mount=type=volume,src=job,dst=/x,subpath=d",
		"owned part": "--mount=type=volume,src=job,dst=/x,subpath=d/e,U|-u|nobody",
		"owned bind": "-v|VOLUME:/x:U|-u|nobody",
	} {
		t.Run(name, func(t *testing.T) {
			volume, outside := filepath.Join(t.TempDir(), "volume"), t.TempDir()
			fill(volume+"/d/e", "volume")
			fill(outside+"/e", "volume")
			if err := os.WriteFile(outside+"/secret", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, volume+"-link"); err != nil {
				t.Fatal(err)
			}
			r := newTestRuntime(t)
			r.Volume = func(string) (string, error) { return volume, nil }
			stop, swaps := insidetest.Swap(t, volume+"/d", volume+"-link")
			for runs := 0; runs < 8; runs++ {
				if strings.HasSuffix(words, ":/data") { // it is filled again
					for os.RemoveAll(volume) != nil || os.RemoveAll(volume+"-link") != nil {
					}
					if err := errors.Join(os.Mkdir(volume, 0o755), os.Symlink(outside, volume+"-link")); err != nil {
						t.Fatal(err)
					}
				}
				said, _, err := runWords(t, r, image, strings.ReplaceAll(words, "VOLUME", volume), "sh", "-c", "ls -R /x")
				if strings.Contains(said, "secret") {
					t.Errorf("it sees %q, %v", said, err)
				}
			}
			if stop(); swaps() == 0 {
				t.Error("nothing was exchanged")
			}
			found := 0
			filepath.WalkDir(outside, func(name string, entry fs.DirEntry, err error) error {
				var st unix.Stat_t
				if err := unix.Lstat(name, &st); err != nil {
					t.Error(err)
				}
				if found++; st.Uid != 0 {
					t.Errorf("%s belongs to %d", name, st.Uid)
				}
				return nil
			})
			if want := 1 + 1 + 1 + files; found != want {
				t.Errorf("outside are %d files, not %d", found, want)
			}
		})
	}
}
