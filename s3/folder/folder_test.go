package folder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/s3/tree"
)

// Object names can be anything. These are all refused, and nothing is touched.
func TestHostileNames(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "victim"), []byte("untouched"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t)
	if err := os.Symlink(outside, filepath.Join(f.Path, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("inside", filepath.Join(f.Path, "inner")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"/etc/passwd", "../victim", "..", ".", "a/../../victim", "a//b", "a/./b", "a/..", "./a", "a\x00b", "//",
		strings.Repeat("n", 256), "a/" + strings.Repeat("é", 128),
		"link/victim", "link/new/file", "inner/file", ".s3sync-x", ".s3sync-x/y", "a/.s3sync-x",
	} {
		s, failures := stage(t, f)
		put(t, s, name, "overwritten")
		if err := s.Close(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if len(*failures) != 1 {
			t.Errorf("%q: failures %v, want one", name, *failures)
		}
		if _, err := f.Remove(name); err == nil {
			t.Errorf("%q: removed", name)
		}
		if err := f.SetAttributes(tree.Entry{Name: name, Attributes: tree.Attributes{Mtime: time.Unix(1, 0)}}); err == nil {
			t.Errorf("%q: attributes set", name)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(outside, "victim")); string(got) != "untouched" {
		t.Errorf("the file outside is %q", got)
	}
	entries, _ := os.ReadDir(outside)
	if len(entries) != 1 {
		t.Errorf("outside are %v", entries)
	}
}

// Files are listed as a store lists objects: by the bytes of whole names.
func TestOrder(t *testing.T) {
	f := open(t)
	want := []string{"", "a", "a b", "a-b/", "a-b/x", "a.txt", "a/", "a/a/", "a/a/z", "a/b", "a0", "b/", "é"}
	s, _ := stage(t, f)
	for _, name := range want {
		if name == "a" { // both "a" and "a/" cannot be
			continue
		}
		if strings.HasSuffix(name, "/") {
			if err := f.MakeFolder(name); err != nil {
				t.Fatal(err)
			}
		} else if name != "" {
			put(t, s, name, name)
		}
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want = slices.DeleteFunc(want, func(name string) bool { return name == "a" })
	if !slices.IsSorted(want) {
		t.Fatal("the test's own list is not in order")
	}
	if got := list(t, f); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A process that is killed leaves its downloads; the next one removes them, but
// not those of one that still runs.
func TestUnfinishedDownloads(t *testing.T) {
	f := open(t)
	stale := filepath.Join(f.Path, ".s3sync-killed")
	if err := os.MkdirAll(filepath.Join(stale, "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	// what only has such a name is not ours
	for name, make := range map[string]func(path string) error{
		".s3sync-file": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		".s3sync-link": func(path string) error { return os.Symlink(t.TempDir(), path) },
	} {
		if err := make(filepath.Join(f.Path, name)); err != nil {
			t.Fatal(err)
		}
	}
	first, _ := stage(t, f)
	put(t, first, "a", "1")
	second, _ := stage(t, f)
	put(t, second, "b", "2")
	for _, s := range []*Stage{second, first} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if got, want := list(t, f), []string{"", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	entries, err := os.ReadDir(f.Path)
	if err != nil || len(entries) != 4 {
		t.Errorf("%v, %v: not only what is to stay", entries, err)
	}
}

// The folder itself has attributes, too.
func TestStat(t *testing.T) {
	f := open(t)
	if err := errors.Join(os.Symlink("target", filepath.Join(f.Path, "link")), os.Mkdir(filepath.Join(f.Path, "d"), 0o751), os.Chmod(f.Path, 0o753)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		kind tree.Kind
		mode uint32
	}{"": {tree.Folder, 0o40753}, "d/": {tree.Folder, 0o40751}, "link": {tree.Link, 0o120777}} {
		e, err := f.Stat(name, true)
		if err != nil || e.Name != name || e.Kind != want.kind || e.Attributes.Mode != want.mode {
			t.Errorf("%q: %+v, %v", name, e, err)
		}
	}
	if _, err := f.Stat("none", true); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
}

func TestFollow(t *testing.T) {
	f := open(t)
	outside := filepath.Join(t.TempDir(), "secret")
	for name, target := range map[string]string{"good": "d/file", "out": outside, "up": "../x", "dangling": "none", "folder": "d", "self": "self"} {
		if err := os.Symlink(target, filepath.Join(f.Path, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(f.Path, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{outside, filepath.Join(f.Path, "d/file")} {
		if err := os.WriteFile(name, []byte("content"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]bool{"good": true, "out": false, "up": false, "dangling": false, "folder": false, "self": false} {
		e, err := f.Follow(tree.Entry{Name: name, Kind: tree.Link})
		if (err == nil) != want || want && (e.Kind != tree.File || e.Size != 7) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// A watch tells of what happens, in folders that are made later, too.
func TestWatch(t *testing.T) {
	f := open(t)
	changes := make(chan Change, 1000)
	w, err := f.Watch(func(c Change) { changes <- c })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	path := func(name string) string { return filepath.Join(f.Path, name) }
	for _, step := range []struct {
		do   func() error
		want Change
	}{
		{func() error { return os.WriteFile(path("a"), nil, 0o644) }, Change{Name: "a"}},
		{func() error { return os.MkdirAll(path("d/e/f"), 0o755) }, Change{"d/", true}},
		{func() error { return os.WriteFile(path("d/e/f/g"), nil, 0o644) }, Change{Name: "d/e/f/g"}},
		{func() error { return os.Rename(path("d/e"), path("h")) }, Change{"h/", true}},
		{func() error { return os.WriteFile(path("h/f/i"), nil, 0o644) }, Change{Name: "h/f/i"}},
		{func() error { return os.Chmod(path("h"), 0o700) }, Change{Name: "h/"}},
		{func() error { return os.RemoveAll(path("h")) }, Change{"h/", true}},
		{func() error { return os.Chmod(f.Path, 0o711) }, Change{}},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		for c := range changes {
			// a file that came before the watch of its folder is told with that
			if c == step.want || c.Below && strings.HasPrefix(step.want.Name, c.Name) && !step.want.Below {
				break
			}
		}
	}
}

func open(t *testing.T) *Folder {
	t.Helper()
	f, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func stage(t *testing.T, f *Folder) (*Stage, *[]error) {
	t.Helper()
	var failures []error
	s, err := NewStage(f, func(tree.Entry) {}, func(_ string, err error) { failures = append(failures, err) })
	if err != nil {
		t.Fatal(err)
	}
	return s, &failures
}

func put(t *testing.T, s *Stage, name, content string) {
	t.Helper()
	file, err := s.Create(int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(content); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(file, tree.Entry{Name: name, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, f *Folder) []string {
	t.Helper()
	var names []string
	for e, err := range f.List(t.Context(), "", true) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Name)
	}
	return names
}
