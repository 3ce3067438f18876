package oci

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bootrc/kit/durable/durabletest"
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
	// they compress so well that nobody knows what they need before they are read
	r.push(t, buildImage(t, layerTar(t, entry{"zeros", strings.Repeat("0", 20<<20)})), "dense", "latest")
	r.push(t, buildImage(t, layerTar(t, entry{"zeros", strings.Repeat("0", 2<<20)}, entry{"noise", noise(5 << 20)})), "mixed", "latest")
	// three layers at a time that do not fit beside the others
	r.push(t, buildImage(t, layerTar(t, entry{"a", noise(4 << 20)}), layerTar(t, entry{"b", noise(4 << 20)}), layerTar(t, entry{"c", noise(4 << 20)})), "wide", "latest")

	tests := []struct {
		name string
		gone []string
		err  string
	}{
		{"large", []string{"old", "young"}, ""},
		{"mixed", []string{"old", "young"}, ""},
		{"wide", nil, "no more than "},
		{"huge", nil, "no more than 8."},
		{"dense", nil, "about 21.0 MB are needed"},
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
			} else {
				want = []string{r.host + "/old:latest", want[0], r.host + "/young:latest"}
			}
			if !slices.Equal(names, want) {
				t.Errorf("left are %v, want %v", names, want)
			}
		})
	}
}

// ENOSPC is not always a full disk. Images go where that makes room for what is lacking, and
// nowhere else.
func TestPullRefused(t *testing.T) {
	r := plainRegistry(t)
	files := func(n int) (list []entry) {
		for i := range n {
			list = append(list, entry{name: fmt.Sprint(i)})
		}
		return list
	}
	attribute := func(length int) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		header := &tar.Header{Name: "file", Mode: 0o644, PAXRecords: map[string]string{"SCHILY.xattr.user.long": strings.Repeat("x", length)}}
		if err := errors.Join(w.WriteHeader(header), w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, content := range map[string][]byte{
		"old": layerTar(t, files(1000)...), "many": layerTar(t, files(1200)...), "more": layerTar(t, files(3000)...),
		"attribute": attribute(100), "long-attribute": attribute(20_000),
	} {
		r.push(t, buildImage(t, content), name, "latest")
	}
	for _, tt := range []struct {
		image, err string
		gone       bool
	}{
		{"many", "", true},
		{"more", "the store is full: about 1993 files are needed, ", false},
		{"attribute", "", false},
		{"long-attribute", "though the disk is not full", false},
	} {
		s, err := store.Open(durabletest.Disk(t, 20)) // 2000 files
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Pull(t.Context(), s, mustParse(t, r.host+"/old"), hasty()); err != nil {
			t.Fatal(err)
		}
		_, err = Pull(t.Context(), s, mustParse(t, r.host+"/"+tt.image), hasty())
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: %v", tt.image, err)
		}
		if _, err := s.Image(r.host + "/old:latest"); (err != nil) != tt.gone {
			t.Errorf("%s: the other image: %v", tt.image, err)
		}
	}
}
