package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"bootrc/oci/manifest"
	"bootrc/test/bound"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// pack makes an archive of files, NAME and content in turn.
func pack(f *testing.F, files ...string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Size: int64(len(files[i+1])), Mode: 0o644}); err != nil {
			f.Fatal(err)
		}
		io.WriteString(w, files[i+1])
	}
	if err := w.WriteHeader(&tar.Header{Name: "link", Linkname: "manifest.json", Typeflag: tar.TypeSymlink}); err != nil {
		f.Fatal(err)
	}
	w.Close()
	return b.Bytes()
}

// FuzzArchives takes any bytes for an archive of docker's, and for one of a layout.
func FuzzArchives(f *testing.F) {
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	f.Add(pack(f, "manifest.json", `[{"Config":"c.json","RepoTags":["box:latest"],"Layers":["l.tar"]}]`,
		"c.json", `{"rootfs":{"type":"layers","diff_ids":["`+digest+`"]}}`, "l.tar", ""))
	f.Add(pack(f, "oci-layout", `{"imageLayoutVersion":"1.0.0"}`, "index.json",
		`{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"`+digest+`","size":0}]}`,
		"blobs/sha256/"+digest[7:], ""))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "archive")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		bound.Input(t, len(data))
		if d, err := OpenDocker(file, ""); err == nil {
			read(t, d)
			d.Close()
		}
		if l, err := OpenLayout(file, ""); err == nil {
			read(t, l)
			l.Close()
		}
	})
}

// read reads all of an image.
func read(t *testing.T, image interface {
	Manifest(context.Context, v1.Hash) (*manifest.Document, error)
}) {
	m, err := image.Manifest(t.Context(), v1.Hash{})
	if err != nil || m.IsIndex() || m.CheckImage() != nil {
		return
	}
	for _, d := range append(m.Layers, *m.Config) {
		if source, ok := image.(*Docker); ok {
			if blob, err := source.Blob(t.Context(), d); err == nil {
				io.CopyN(io.Discard, blob.Content, 1<<20)
				blob.Content.Close()
			}
		}
	}
}
