package inside

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLinksStayInside(t *testing.T) {
	outside := t.TempDir()
	must(t, os.WriteFile(outside+"/file", []byte("outside"), 0o600))
	dir := t.TempDir()
	must(t, os.MkdirAll(dir+"/store/etc", 0o755))
	must(t, os.WriteFile(dir+"/store/etc/file", []byte("inside"), 0o600))
	for link, target := range map[string]string{
		"etc": "/store/etc", "up": "../../../../../store/etc", "out": outside, "here": "..", "circle": "circle", "nowhere": "/made/by",
		"climbs": "store/../../../new",
	} {
		must(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	r, err := Open(dir)
	must(t, err)
	defer r.Close()

	for name, want := range map[string]error{
		"etc/file": nil, "up/file": nil, "here/here/etc/file": nil, "../../etc/file": nil,
		"out/file": fs.ErrNotExist, "circle/file": unix.ELOOP, "etc/file/x": unix.ENOTDIR,
	} {
		f, err := r.OpenFile(name, unix.O_RDONLY)
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
		if err != nil {
			continue
		}
		if b, err := io.ReadAll(f); err != nil || string(b) != "inside" {
			t.Errorf("%s: got %q, %v", name, b, err)
		}
		f.Close()
	}

	for name, want := range map[string]string{
		"a/b/c": "a/b/c", "etc": "store/etc", "etc/new": "store/etc/new", "nowhere/x": "made/by/x", "climbs": "new", "/": ".", "../d": "d",
	} {
		f, err := r.MakeFolder(name, 0o755)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := f.Stat()
		must(t, err)
		f.Close()
		if there, err := os.Lstat(filepath.Join(dir, want)); err != nil || !os.SameFile(got, there) {
			t.Errorf("%s: it is not %s: %v", name, want, err)
		}
	}
	for _, name := range []string{"circle", "etc/file/x"} {
		if f, err := r.MakeFolder(name, 0o755); err == nil {
			t.Errorf("%s: made %s", name, f.Name())
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
