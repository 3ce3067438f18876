package tools

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

type tarMember struct{ name, content, link, hard string }

func writeTar(t *testing.T, path string, members []tarMember) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(m.content))}
		switch {
		case m.link != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, m.link
		case m.hard != "":
			h.Typeflag, h.Linkname = tar.TypeLink, m.hard
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is compressed is told by its content, not by its name.
func TestDecompression(t *testing.T) {
	dir, text := t.TempDir(), strings.Repeat("text\n", 1000)
	for name, writer := range map[string]func(io.Writer) (io.WriteCloser, error){
		"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
		"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
	} {
		writeTar(t, filepath.Join(dir, "tar"), []tarMember{{name: "in", content: text}})
		for from, content := range map[string]string{"text": text, "archive": read(t, filepath.Join(dir, "tar"))} {
			var packed bytes.Buffer
			w, err := writer(&packed)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, content); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, from+".gz"), packed.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, line := range []string{"zcat text.gz", "gzip -dc < text.gz", "rm -f text; gunzip -k text.gz; cat text", "tar xf archive.gz; cat in"} {
			out, errOut, status, err := interpret(t.Context(), dir, line)
			if out != text || status != 0 || err != nil {
				t.Errorf("%s by %s: %d bytes, status %d, %s%v", name, line, len(out), status, errOut, err)
			}
		}
	}
	if _, errOut, status, _ := interpret(t.Context(), dir, "zcat text"); status == 0 || !strings.Contains(errOut, "it is not compressed") {
		t.Errorf("plain text: status %d, %s", status, errOut)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
