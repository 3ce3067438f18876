package oci

import (
	"fmt"
	"slices"
	"testing"

	"bootrc/oci/store"

	"golang.org/x/sys/unix"
)

// smallStore is a store on a file system of so many MiB.
func smallStore(t testing.TB, mib int) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPullMakesRoom(t *testing.T) {
	r := plainRegistry(t)
	pull := func(s *store.Store, name string, o Options) (*store.Image, error) {
		return Pull(t.Context(), s, mustParse(t, r.host+"/"+name), o)
	}
	for name, mib := range map[string]int{"old": 3, "used": 3, "young": 3, "large": 5, "huge": 20} {
		r.push(t, buildImage(t, layerTar(t, entry{name, noise(mib << 20)})), name, "latest")
	}
	// three layers at a time that do not fit beside the others
	r.push(t, buildImage(t, layerTar(t, entry{"a", noise(3 << 20)}), layerTar(t, entry{"b", noise(3 << 20)}), layerTar(t, entry{"c", noise(3 << 20)})), "wide", "latest")

	tests := []struct {
		name string
		gone []string
		err  string
	}{
		{"large", []string{"old", "young"}, ""},
		{"wide", []string{"old", "young"}, "are free in "},
		{"huge", []string{"old", "young"}, "no image is left that could go: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := smallStore(t, 11)
			var held *store.Image
			for _, name := range []string{"old", "used", "young"} {
				image, err := pull(s, name, hasty())
				if err != nil {
					t.Fatal(err)
				}
				if name == "used" {
					held = image
				}
			}
			release, err := s.Hold(t.Context(), held)
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			o := hasty()
			var said []string
			o.Warn = func(message string) { said = append(said, message) }
			var last Progress
			o.Progress = func(p Progress) { last = p }
			_, err = pull(s, test.name, o)
			if test.err != "" {
				checkError(t, err, "pull ", test.err)
			} else if err != nil {
				t.Error(err)
			} else if last.Done != last.Total || last.Done > 6<<20 {
				t.Errorf("what came twice was counted twice: %+v", last)
			}
			if len(said) != len(test.gone) {
				t.Errorf("it said %q, want that %v went", said, test.gone)
			}
			left, err := s.Images()
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, image := range left {
				names = append(names, image.Names...)
			}
			want := []string{r.host + "/used:latest"}
			if test.err == "" {
				want = []string{r.host + "/" + test.name + ":latest", want[0]}
			}
			if !slices.Equal(names, want) {
				t.Errorf("left are %v, want %v", names, want)
			}
		})
	}
}
