package s3test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestDifferences changes one thing in a copy of a tree, which must be seen, and must be
// the only one.
func TestDifferences(t *testing.T) {
	objects := []Object{
		{Name: "folder", Type: unix.S_IFDIR, Time: when(1)},
		{Name: "folder/file", Content: "content", Mode: 0o644, Time: when(2), Attributes: map[string]string{"user.a": "1"}},
		{Name: "folder/same", Same: "folder/file", Time: when(2), Mode: 0o644},
		{Name: "link", Link: "folder", Time: when(3)},
		{Name: "sparse", Size: 3 * digestBlock, Time: when(4)},
	}
	at := unix.Timespec{Sec: 1, Nsec: 1}
	for _, c := range []struct {
		name   string
		change func(path func(string) string) error
		want   string // how lines begin, separated by semicolons
	}{
		{"nothing", func(func(string) string) error { return nil }, ""},
		{"content", func(path func(string) string) error {
			return errors.Join(poke(path("folder/file"), 0, "c0ntent"), touch(path("folder/file"), when(2)))
		}, `"folder/file": content; "folder/same": content`},
		{"a hole filled", func(path func(string) string) error {
			return errors.Join(poke(path("sparse"), 2*digestBlock, "x"), touch(path("sparse"), when(4)))
		}, `"sparse": content`},
		{"a hole made zeros", func(path func(string) string) error {
			return errors.Join(poke(path("sparse"), digestBlock, "\x00"), touch(path("sparse"), when(4)))
		}, ""},
		{"mode", func(path func(string) string) error { return os.Chmod(path("folder"), 0o700) }, `"folder": mode`},
		{"owner", func(path func(string) string) error { return os.Lchown(path("link"), 1, 2) }, `"link": owner`},
		{"time", func(path func(string) string) error {
			return unix.UtimesNanoAt(unix.AT_FDCWD, path("link"), []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
		}, `"link": time`},
		{"attribute", func(path func(string) string) error {
			return unix.Lsetxattr(path("folder"), "user.a", nil, 0)
		}, `"folder": attributes`},
		{"target", func(path func(string) string) error {
			return errors.Join(os.Remove(path("link")), os.Symlink("elsewhere", path("link")), touch(path("link"), when(3)))
		}, `"link": content`},
		{"hard link", func(path func(string) string) error {
			return errors.Join(os.Remove(path("folder/same")),
				Make(path(""), Object{Name: "folder/same", Content: "content", Mode: 0o644, Time: when(2), Attributes: map[string]string{"user.a": "1"}}),
				touch(path("folder"), when(1)))
		}, `"folder/same": first link`},
		{"removed", func(path func(string) string) error { return os.Remove(path("sparse")) }, `"sparse", a file, is missing`},
		{"added", func(path func(string) string) error { return os.Mkdir(path("more"), 0o755) }, `"more", a folder, is too many`},
		{"type", func(path func(string) string) error {
			return errors.Join(os.Remove(path("link")), Make(path(""), Object{Name: "link", Type: unix.S_IFIFO, Mode: 0o644, Time: when(3)}))
		}, `"link": type; "link": content`},
	} {
		t.Run(c.name, func(t *testing.T) {
			one, other := plant(t, objects), plant(t, objects)
			if err := c.change(func(name string) string { return other + "/" + name }); err != nil {
				t.Fatal(err)
			}
			lines := Differences(read(t, one), read(t, other), Everything)
			want := strings.FieldsFunc(c.want, func(r rune) bool { return r == ';' })
			if !slices.EqualFunc(lines, want, func(line, begin string) bool {
				return strings.HasPrefix(line, strings.TrimSpace(begin))
			}) {
				t.Errorf("differences are %q, want %q", lines, want)
			}
		})
	}
}

// TestGarden makes all that the tests carry, twice: it must be possible, and alike.
func TestGarden(t *testing.T) {
	objects := slices.Concat(HostileNames(), Preserved(), Irregular(), Many(200, 10))
	if lines := Differences(read(t, plant(t, objects)), read(t, plant(t, objects)), Modes|Owners|Attributes|HardLinks); lines != nil {
		t.Errorf("the same objects, made twice, differ: %q", lines)
	}
}

func plant(t *testing.T, objects []Object) string {
	t.Helper()
	dir := t.TempDir()
	if err := Make(dir, objects...); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir string) Tree {
	t.Helper()
	tree, err := ReadTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func poke(path string, at int64, content string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt([]byte(content), at)
	return err
}

func touch(path string, at time.Time) error {
	spec := unix.NsecToTimespec(at.UnixNano())
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{spec, spec}, unix.AT_SYMLINK_NOFOLLOW)
}
