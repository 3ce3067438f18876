package store

import (
	"bytes"
	"compress/gzip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// FuzzCatalog takes any bytes for the catalog of somebody's containers/storage.
func FuzzCatalog(f *testing.F) {
	f.Add(`[{"id":"aa","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","names":["box"],"layer":"bb"}]`,
		`[{"id":"bb","parent":"cc","diff-digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},{"id":"cc","parent":"bb","flags":{"incomplete":true}}]`,
		`{"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}}`)
	f.Add(`[null,7,{"id":"aa","layer":"aa"}]`, `[{"id":"aa","parent":"aa"}]`, `{}`)
	root := f.TempDir()
	for _, name := range catalogFiles {
		if err := os.MkdirAll(filepath.Join(root, path.Dir(name)), 0o755); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, images, layers, config string) {
		for i, text := range []string{images, layers} {
			if err := os.WriteFile(filepath.Join(root, catalogFiles[i]), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		bound.Input(t, len(images)+len(layers)+len(config))
		c, err := readCatalog(root)
		if err != nil {
			return
		}
		for _, image := range c.images {
			c.identify(image, []byte(config))
			if !isHex(image.ID) {
				t.Errorf("the ID %q becomes a path", image.ID)
			}
		}
		for _, l := range c.layers {
			if !isHex(l.ID) {
				t.Errorf("the ID %q becomes a path", l.ID)
			}
		}
	})
}

// FuzzWhiteouts takes any text for a layer's tar-split.
func FuzzWhiteouts(f *testing.F) {
	f.Add(`{"type":1,"name":"a/.wh.b"}` + "\n" + `{"type":2,"payload":"AAAA"}` + "\n" + `{"name_raw":"LndoLg=="}`)
	f.Add(`{"name":`)
	f.Fuzz(func(t *testing.T, text string) {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write([]byte(text))
		w.Close()
		bound.Input(t, len(text))
		names, _ := readNames(&packed, isWhiteout)
		for _, name := range names {
			if !strings.HasPrefix(path.Base(name), ".wh.") {
				t.Errorf("%q is no whiteout", name)
			}
		}
	})
}

// FuzzName takes any bytes for what the store, on a disk that anybody may have had,
// says of a name.
func FuzzName(f *testing.F) {
	f.Add([]byte(`{"name":"docker.io/library/box:latest","image":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`))
	file := filepath.Join(f.TempDir(), "name")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		bound.Input(t, len(data))
		if n, err := readName(file); err == nil && !isHex(n.Image.Hex) {
			t.Errorf("%q becomes a path", n.Image.Hex)
		}
	})
}
