package layer

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// FuzzUnpack unpacks whatever bytes come, and looks at what happened outside.
func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, folderItem("a/"), file("a/b", "x"), hardlink("c", "a/b"), symlink("l", "a")))
	f.Add(archive(f, symlink("up", ".."), file("up/outside", "x"), hardlink("h", "up/outside")))
	f.Add(archive(f, file("a/.wh.b", ""), file(".wh..wh..opq", ""), folderItem("./")))
	f.Add(archive(f, file("ping", "x").xattr("user.note", "n"), file("../outside", "x")))
	f.Add(archive(f, folderItem("a/b/c"), symlink("a/b", "/"), file("a/b/outside", "x"), folderItem("a")))
	f.Fuzz(func(t *testing.T, data []byte) {
		bound.Input(t, len(data))
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "outside"), []byte("theirs"), 0o600); err != nil {
			t.Fatal(err)
		}
		unpackIn(t, dir, data)
		checkUntouched(t, dir)
	})
}

// FuzzUnpackNames makes archives of names and targets, which random bytes rarely
// are: each line of the input is an entry, by its first letter.
func FuzzUnpackNames(f *testing.F) {
	f.Add("d a\nf a/b\nl c ../..\nf c/outside\nh e c/outside")
	f.Add("l a /\nl b a\nd b/x\nf b/../outside\nf .wh.a\nf a/x")
	f.Add("l a b\nl b a\nf a/x\nd a\nf .wh..wh..opq\nf a/.wh...")
	f.Fuzz(func(t *testing.T, script string) {
		bound.Input(t, len(script))
		data, err := encode(itemsOf(script))
		if err != nil {
			return // of what no archive can hold
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "outside"), []byte("theirs"), 0o600); err != nil {
			t.Fatal(err)
		}
		unpackIn(t, dir, data)
		checkUntouched(t, dir)
	})
}

func itemsOf(script string) []item {
	types := map[string]byte{"d": tar.TypeDir, "f": tar.TypeReg, "l": tar.TypeSymlink, "h": tar.TypeLink}
	var items []item
	for line := range strings.Lines(script) {
		words := strings.Split(strings.TrimSpace(line), " ")
		if len(words) < 2 || len(items) == 50 {
			continue
		}
		i := item{tar.Header{Name: words[1], Typeflag: types[words[0]], Mode: 0o755}, ""}
		if len(words) > 2 {
			i.Linkname = words[2]
		}
		if _, err := encode([]item{i}); err == nil && i.Typeflag != 0 {
			items = append(items, i)
		}
	}
	return items
}
