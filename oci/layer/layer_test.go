package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var when = time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)

// item is an entry of an archive in a test.
type item struct {
	tar.Header
	content string
}

func file(name, content string) item {
	return item{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644}, content}
}
func folderItem(name string) item {
	return item{tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}, ""}
}
func symlink(name, target string) item {
	return item{tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777}, ""}
}
func hardlink(name, target string) item {
	return item{tar.Header{Name: name, Typeflag: tar.TypeLink, Linkname: target, Mode: 0o644}, ""}
}
func (i item) with(change func(*tar.Header)) item {
	change(&i.Header)
	return i
}
func (i item) mode(mode int64) item { return i.with(func(h *tar.Header) { h.Mode = mode }) }
func (i item) owner(uid, gid int) item {
	return i.with(func(h *tar.Header) { h.Uid, h.Gid = uid, gid })
}
func (i item) xattr(name, value string) item {
	return i.with(func(h *tar.Header) {
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[paxXattr+name] = value
	})
}

func archive(t testing.TB, items ...item) []byte {
	t.Helper()
	b, err := encode(items)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encode(items []item) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := i.Header
		h.Format = tar.FormatPAX
		if h.ModTime.IsZero() && h.Typeflag != tar.TypeXGlobalHeader {
			h.ModTime = when
		}
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(i.content))
		}
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(i.content)); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// unpackIn unpacks into DIR/layer, so that DIR shows what got out.
func unpackIn(t testing.TB, dir string, data []byte) (string, Report, error) {
	t.Helper()
	layer := filepath.Join(dir, "layer")
	if err := os.Mkdir(layer, 0o755); err != nil {
		t.Fatal(err)
	}
	report, err := Unpack(context.Background(), bytes.NewReader(data), layer)
	return layer, report, err
}

func mustUnpack(t *testing.T, items ...item) string {
	t.Helper()
	layer, _, err := unpackIn(t, t.TempDir(), archive(t, items...))
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// describe lists a tree, a line a file: what a whiteout, link or file is.
func describe(t testing.TB, root string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, _ := filepath.Rel(root, path)
		lines = append(lines, name+describeFile(t, path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, " ")
}

func describeFile(t testing.TB, path string) string {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		if opaque, err := Opaque(path); err != nil {
			t.Fatal(err)
		} else if opaque {
			return "/!"
		}
		return "/"
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		if err != nil {
			t.Fatal(err)
		}
		return "->" + target
	case unix.S_IFREG:
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return "=" + string(b)
	case unix.S_IFIFO:
		return "|"
	case unix.S_IFCHR:
		if isWhiteout(&st) {
			return "#whiteout"
		}
		return fmt.Sprintf("#c%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	case unix.S_IFBLK:
		return fmt.Sprintf("#b%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	return "?"
}

func TestUnpackTrees(t *testing.T) {
	whiteout := func(name string) item { return file(name, "") }
	device := func(name string, kind byte, major, minor int64) item {
		return item{tar.Header{Name: name, Typeflag: kind, Mode: 0o600, Devmajor: major, Devminor: minor}, ""}
	}
	tests := []struct {
		name  string
		items []item
		want  string
	}{
		{"file in folder", []item{folderItem("a/"), file("a/b", "x")}, "a/ a/b=x"},
		{"dot names", []item{folderItem("./"), file("./a", "x"), file("b/./c", "y")}, "a=x b/ b/c=y"},
		{"absolute name", []item{file("/etc/a", "x")}, "etc/ etc/a=x"},
		{"dots that stay inside", []item{file("a/../b", "x")}, "b=x"},
		{"implied folders", []item{file("a/b/c", "x")}, "a/ a/b/ a/b/c=x"},
		{"symbolic links", []item{symlink("a", "/etc/passwd"), symlink("b", "../../up")}, "a->/etc/passwd b->../../up"},
		{"hard link", []item{file("a/b", "x"), hardlink("c", "a/b")}, "a/ a/b=x c=x"},
		{"hard link by absolute name", []item{file("a", "x"), hardlink("c", "/a")}, "a=x c=x"},
		{"hard link to a symbolic link", []item{symlink("a", "/x"), hardlink("c", "a")}, "a->/x c->/x"},
		{"through a link to a folder", []item{folderItem("usr/lib"), symlink("lib", "usr/lib"), file("lib/a", "x")}, "lib->usr/lib usr/ usr/lib/ usr/lib/a=x"},
		{"through an absolute link", []item{folderItem("usr/lib"), symlink("lib", "/usr/lib"), file("lib/b/a", "x")}, "lib->/usr/lib usr/ usr/lib/ usr/lib/b/ usr/lib/b/a=x"},
		{"through a link that climbs", []item{folderItem("etc"), symlink("l", "../../../etc"), file("l/a", "x")}, "etc/ etc/a=x l->../../../etc"},
		{"devices", []item{device("c", tar.TypeChar, 5, 1), device("b", tar.TypeBlock, 259, 70000), device("p", tar.TypeFifo, 0, 0)}, "b#b259:70000 c#c5:1 p|"},
		{"global header", []item{{tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "x"}}, ""}, file("a", "x")}, "a=x"},

		{"whiteout", []item{whiteout("a/.wh.b")}, "a/ a/b#whiteout"},
		{"whiteout of a whiteout's name", []item{whiteout(".wh..b")}, ".b#whiteout"},
		{"opaque", []item{file("a/b", "x"), whiteout("a/.wh..wh..opq"), file("a/c", "y")}, "a/! a/b=x a/c=y"},
		{"whiteout after its file", []item{file("a", "x"), whiteout(".wh.a")}, "a=x"},
		{"file after its whiteout", []item{whiteout(".wh.a"), file("a", "x")}, "a=x"},
		{"link after its whiteout", []item{whiteout(".wh.a"), symlink("a", "b"), whiteout(".wh.a")}, "a->b"},
		{"whiteout after its folder", []item{file("a/b", "x"), whiteout(".wh.a")}, "a/! a/b=x"},
		{"folder after its whiteout", []item{whiteout(".wh.a"), folderItem("a"), file("a/b", "x")}, "a/! a/b=x"},
		{"implied folder after its whiteout", []item{whiteout(".wh.a"), file("a/b", "x")}, "a/! a/b=x"},
		{"whiteout twice", []item{whiteout(".wh.a"), whiteout(".wh.a")}, "a#whiteout"},
		{"aufs's own files", []item{file(".wh..wh.aufs", "x"), folderItem(".wh..wh.plnk"), file(".wh..wh.plnk/1", "x")}, ""},

		{"file twice", []item{file("a", "long"), file("a", "x")}, "a=x"},
		{"file over link", []item{symlink("a", "/etc/passwd"), file("a", "x")}, "a=x"},
		{"folder over link", []item{folderItem("t"), symlink("a", "t"), folderItem("a"), file("a/b", "x")}, "a/ a/b=x t/"},
		{"folder over link that was used", []item{folderItem("t"), symlink("a", "t"), file("a/1", "x"), folderItem("a"), file("a/2", "y")}, "a/ a/2=y t/ t/1=x"},
		{"folder over folder", []item{file("a/b", "x"), folderItem("a")}, "a/ a/b=x"},
		{"folder over file", []item{file("a", "x"), folderItem("a")}, "a/"},
		{"file over folder", []item{file("a/b/c", "x"), file("a", "y")}, "a=y"},
		{"file over folder that is open", []item{file("a/b/c", "x"), file("a/b", "y"), file("a/d", "z")}, "a/ a/b=y a/d=z"},
		{"folder anew", []item{file("a/b/c", "x"), symlink("a", "z"), folderItem("a"), file("a/b/d", "y")}, "a/ a/b/ a/b/d=y"},
		{"device over file", []item{file("a", "x"), device("a", tar.TypeChar, 1, 3)}, "a#c1:3"},
		{"hard link over file", []item{file("a", "x"), file("b", "y"), hardlink("b", "a")}, "a=x b=x"},
		{"hard link twice", []item{file("a", "x"), hardlink("b", "a"), hardlink("b", "a")}, "a=x b=x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			layer := mustUnpack(t, test.items...)
			if got := describe(t, layer); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestUnpackRefuses(t *testing.T) {
	tests := []struct {
		name   string
		items  []item
		want   string
		unsafe bool
	}{
		{"name that climbs", []item{file("../evil", "x")}, "leads outside", true},
		{"name that climbs later", []item{file("a/../../evil", "x")}, "leads outside", true},
		{"absolute name that climbs", []item{file("/../evil", "x")}, "leads outside", true},
		{"whiteout that climbs", []item{file("../.wh.evil", "")}, "leads outside", true},
		{"whiteout of ..", []item{file("a/.wh...", "")}, "leads outside", true},
		{"whiteout of .", []item{file("a/.wh..", "")}, "whiteout of nothing", false},
		{"whiteout of no name", []item{file("a/.wh.", "")}, "whiteout of nothing", false},
		{"opaque that climbs", []item{file("../.wh..wh..opq", "")}, "leads outside", true},
		{"hard link outside", []item{hardlink("a", "../outside")}, "leads outside", true},
		{"hard link through a link", []item{symlink("l", ".."), hardlink("a", "l/outside")}, "must be in the same layer", false},
		{"hard link through an absolute link", []item{symlink("l", "/"), hardlink("a", "l/outside")}, "must be in the same layer", false},
		{"hard link to nothing", []item{hardlink("a", "b")}, "must be in the same layer", false},
		{"hard link to itself", []item{file("a", "x"), hardlink("a", "a")}, "must be in the same layer", false},
		{"hard link to a folder", []item{folderItem("d"), hardlink("a", "d")}, "operation not permitted", false},
		{"file in a file", []item{file("a", "x"), file("a/b", "y")}, "not a folder", false},
		{"file in a dangling link", []item{symlink("a", "nowhere"), file("a/b", "y")}, "link to nowhere", false},
		{"file in a link to itself", []item{symlink("a", "a"), file("a/b", "y")}, "a", false},
		{"layer that is a file", []item{file("./", "x").with(func(h *tar.Header) { h.Name = "." })}, "not a folder", false},
		{"component too long", []item{file(strings.Repeat("n", 256), "x")}, "file name too long", false},
		{"path too long", []item{file(strings.Repeat("d/", 2050)+"f", "x")}, "file name too long", false},
		{"owner out of range", []item{file("a", "x").owner(1<<32-1, 0)}, "out of range", false},
		{"unknown type", []item{{tar.Header{Name: "a", Typeflag: 'Z'}, ""}}, "unknown type", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			outside := filepath.Join(dir, "outside")
			if err := os.WriteFile(outside, []byte("theirs"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := unpackIn(t, dir, archive(t, test.items...))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got error %v, want %q", err, test.want)
			}
			var unsafe *UnsafeError
			if errors.As(err, &unsafe) != test.unsafe {
				t.Errorf("unsafe is not %v: %v", test.unsafe, err)
			}
			checkUntouched(t, dir)
		})
	}
}

// checkUntouched fails unless dir holds what the test put there, and the layer.
func checkUntouched(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name() != "layer" || entries[1].Name() != "outside" {
		t.Errorf("something got out: %v", entries)
	}
	var st unix.Stat_t
	if err := unix.Lstat(filepath.Join(dir, "outside"), &st); err != nil {
		t.Fatal(err)
	}
	if st.Nlink != 1 || st.Mode != unix.S_IFREG|0o600 {
		t.Errorf("the file outside has %d links and mode %o", st.Nlink, st.Mode)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "outside")); err != nil || string(b) != "theirs" {
		t.Errorf("the file outside has %q, %v", b, err)
	}
}

func TestUnpackWritesThroughNoLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "outside"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(dir, "outside"))
	if err != nil {
		t.Fatal(err)
	}
	layer, _, err := unpackIn(t, dir, archive(t,
		symlink("up", ".."), symlink("abs", dir), symlink("target", dir+"/outside"),
		file("up/outside", "x").mode(0o4777),
		folderItem("up/d").mode(0o1777),
		file("target", "y").owner(7, 7),
		folderItem("up/up").mode(0o700),
	))
	if err != nil {
		t.Fatal(err)
	}
	checkUntouched(t, dir)
	after, err := os.Stat(filepath.Join(dir, "outside"))
	if err != nil {
		t.Fatal(err)
	}
	if !after.ModTime().Equal(before.ModTime()) {
		t.Error("the time of the file outside changed")
	}
	if got, want := describe(t, layer), "abs->"+dir+" d/ outside=x target=y up/"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUnpackBrokenArchives(t *testing.T) {
	whole := archive(t, file("a", strings.Repeat("x", 3000)), file("b", "y"))
	huge := archive(t, file("a", "x"))
	// the size field of the header, in base 256: 2^62.
	copy(huge[124:136], []byte{0x80, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0})
	fixChecksum(huge)
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"cut in a header", whole[:300], "ends in the middle"},
		{"cut in a file", whole[:1800], "ends in the middle"},
		{"not an archive", bytes.Repeat([]byte("garbage "), 200), "invalid tar header"},
		{"size of a header that lies", huge, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := unpackIn(t, t.TempDir(), test.data)
			var format *FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want a FormatError with %q", err, test.want)
			}
		})
	}
}

func fixChecksum(header []byte) {
	copy(header[148:156], "        ")
	sum := 0
	for _, c := range header[:512] {
		sum += int(c)
	}
	copy(header[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

func TestUnpackEmpty(t *testing.T) {
	for name, data := range map[string][]byte{"no byte": nil, "no entry": archive(t)} {
		t.Run(name, func(t *testing.T) {
			layer, report, err := unpackIn(t, t.TempDir(), data)
			if err != nil || report.Entries != 0 || describe(t, layer) != "" {
				t.Errorf("got %+v, %v", report, err)
			}
		})
	}
}

func TestUnpackStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Unpack(ctx, bytes.NewReader(archive(t, file("a", "x"))), t.TempDir())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
