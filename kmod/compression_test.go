package kmod

import (
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

// compress returns data in the format of a file name's end.
func compress(t *testing.T, kind string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case ".gz":
		w = gzip.NewWriter(&out)
	case ".xz":
		w, err = xz.NewWriter(&out)
	case ".zst":
		w, err = zstd.NewWriter(&out)
	default:
		return data
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadFile(t *testing.T) {
	want := []byte(strings.Repeat("module ", 5000))
	for _, kind := range []string{"", ".gz", ".xz", ".zst"} {
		file := filepath.Join(t.TempDir(), "a.ko"+kind)
		whole := compress(t, kind, want)
		write(t, file, string(whole))
		got, err := ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: %d bytes, error %v; want %d bytes", kind, len(got), err, len(want))
		}
		if kind == "" {
			continue
		}
		for _, broken := range []string{"", "not compressed at all", string(whole[:len(whole)/2]), string(whole[:len(whole)-1])} {
			write(t, file, broken)
			if _, err := ReadFile(file); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("%q: %d of %d bytes: error %v, want one with the file's name", kind, len(broken), len(whole), err)
			}
		}
	}
}

// A small file may decompress to more than the machine's memory.
func TestDecompressBomb(t *testing.T) {
	const limit = 64 << 10
	for _, kind := range []string{"", ".gz", ".xz", ".zst"} {
		for size, wantErr := range map[int]bool{limit: false, limit + 1: true, 8 * limit: true} {
			bomb := compress(t, kind, make([]byte, size))
			read := decompress
			if kind == "" {
				read = readAll
			}
			image, err := read(bytes.NewReader(bomb), limit)
			if wantErr != (err != nil) || !wantErr && len(image) != size {
				t.Errorf("%q: %d bytes: got %d, error %v", kind, size, len(image), err)
			}
		}
	}
}

// write writes a file and the folders above it.
func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
