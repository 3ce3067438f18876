package tools

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bootrc/test/bound"
)

func FuzzKeymap(f *testing.F) {
	good := append([]byte(keymapMagic), make([]byte, keymapTables)...)
	f.Add(good)
	good[len(keymapMagic)] = 1
	f.Add(append(good, make([]byte, keymapKeys*2)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		bound.Input(t, len(data))
		parseKeymap(data)
	})
}

// FuzzRecord takes any bytes for a record of the kernel's log.
func FuzzRecord(f *testing.F) {
	f.Add("6,1,1000000,-;a\\x0ab\n SUBSYSTEM=x\n")
	f.Add("a,b,;")
	f.Fuzz(func(t *testing.T, record string) {
		bound.Input(t, len(record))
		formatRecord(record, time.Time{})
	})
}

// FuzzTar unpacks any bytes: nothing leaves the folder.
func FuzzTar(f *testing.F) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, h := range []*tar.Header{
		{Name: "up", Typeflag: tar.TypeSymlink, Linkname: ".."}, {Name: "up/outside", Size: 1},
		{Name: "../outside", Size: 1}, {Name: "h", Typeflag: tar.TypeLink, Linkname: "../outside"}, {Name: "d/", Typeflag: tar.TypeDir, Mode: 0o755},
	} {
		if err := w.WriteHeader(h); err != nil {
			f.Fatal(err)
		}
		w.Write(make([]byte, h.Size))
	}
	w.Close()
	f.Add(packed.Bytes())
	var compressed bytes.Buffer
	z := gzip.NewWriter(&compressed)
	z.Write(packed.Bytes())
	z.Close()
	f.Add(compressed.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"outside": []byte("theirs"), "archive": data} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		bound.Input(t, len(data))
		interpret(t.Context(), dir, "mkdir in && tar -xf archive -C in; tar -tf archive")
		if text, err := os.ReadFile(filepath.Join(dir, "outside")); err != nil || string(text) != "theirs" {
			t.Errorf("outside: %q, %v", text, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 3 {
			t.Errorf("outside: %v", entries)
		}
	})
}
