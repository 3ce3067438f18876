package layer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/program"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func digestOf(t testing.TB, b []byte) v1.Hash {
	t.Helper()
	h, _, err := v1.SHA256(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

func unpackBlob(t *testing.T, b Blob) (string, error) {
	t.Helper()
	dir := t.TempDir()
	_, err := b.Unpack(context.Background(), dir)
	return dir, err
}

// manyFiles is an archive of some MiB; a part of it does not compress.
func manyFiles(t testing.TB) []byte {
	content := make([]byte, 3<<20)
	rand.NewChaCha8([32]byte{}).Read(content[:1<<20])
	return archive(t, file("big", string(content)), file("small", "x"), file("d/big", string(content[:2<<20+17])))
}

// piped compresses with another program.
func piped(t testing.TB, b []byte, words ...string) []byte {
	t.Helper()
	c := exec.Command(program.Need(t, words[0]), words[1:]...)
	c.Stdin = bytes.NewReader(b)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBlobCompressions(t *testing.T) {
	plain := manyFiles(t)
	half := len(plain) / 2
	for name, data := range map[string][]byte{
		"none":            plain,
		"gzip":            gzipped(t, plain),
		"gzip in members": append(gzipped(t, plain[:half]), gzipped(t, plain[half:])...),
		"xz":              piped(t, plain, "xz", "-1"),
		"bzip2":           piped(t, plain, "bzip2"),
		"zstd":            zstded(t, plain),
		"zstd in frames":  append(zstded(t, plain[:half]), zstded(t, plain[half:])...),
		"zstd, chunked":   append([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00skip"), zstded(t, plain)...),
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := unpackBlob(t, Blob{
				Content: io.NopCloser(bytes.NewReader(data)),
				Digest:  digestOf(t, data), Size: int64(len(data)), DiffID: digestOf(t, plain),
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]int64{"big": 3 << 20, "small": 1, "d/big": 2<<20 + 17} {
				if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() != want {
					t.Errorf("%s: %v, %v", name, st, err)
				}
			}
		})
	}
}

func TestBlobRefuses(t *testing.T) {
	plain := manyFiles(t)
	good := gzipped(t, plain)
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 0xff
	badSum := bytes.Clone(good)
	badSum[len(badSum)-6] ^= 0xff
	truncated := good[:len(good)-1000]
	longer := append(bytes.Clone(good), gzipped(t, []byte("more"))...)
	evil := gzipped(t, archive(t, file("../evil", "x")))
	tests := []struct {
		name         string
		sent, stated []byte // what comes, and what the manifest is about
		diffID       v1.Hash
		want         string
	}{
		{"altered", flipped, good, digestOf(t, plain), "altered: expected " + digestOf(t, good).String() + ", got " + digestOf(t, flipped).String()},
		{"altered zeros", make([]byte, len(good)), good, digestOf(t, plain), "altered: expected " + digestOf(t, good).String()},
		{"truncated", truncated, good, digestOf(t, plain), "truncated: got "},
		{"nothing", nil, good, digestOf(t, plain), "truncated: got 0 of"},
		{"longer", longer, good, digestOf(t, plain), " bytes, got more"},
		{"wrong diff ID", good, good, digestOf(t, good), "wrong diff ID: expected " + digestOf(t, good).String() + ", got " + digestOf(t, plain).String()},
		{"truncated by its maker", truncated, truncated, digestOf(t, plain), "ends in the middle"},
		{"altered by its maker", badSum, badSum, digestOf(t, plain), "gzip: invalid checksum"},
		{"bzip2 that ends early", []byte("BZh91AY"), []byte("BZh91AY"), digestOf(t, plain), "it ends in the middle"},
		{"garbage", []byte(strings.Repeat("garbage ", 100)), []byte(strings.Repeat("garbage ", 100)), digestOf(t, plain), "invalid tar header"},
		{"unsafe", evil, evil, digestOf(t, plain), "leads outside"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := unpackBlob(t, Blob{
				Content: io.NopCloser(bytes.NewReader(test.sent)),
				Digest:  digestOf(t, test.stated), Size: int64(len(test.stated)), DiffID: test.diffID,
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestBlobHugeWindow has a frame that asks for a window of 2 GiB.
func TestBlobHugeWindow(t *testing.T) {
	data := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00}
	_, err := unpackBlob(t, Blob{
		Content: io.NopCloser(bytes.NewReader(data)),
		Digest:  digestOf(t, data), Size: int64(len(data)), DiffID: digestOf(t, nil),
	})
	if err == nil || !strings.Contains(err.Error(), "decompress: it needs more than the ") {
		t.Errorf("got %v", err)
	}
}

type failingReader struct {
	r   io.Reader
	err error
}

func (f failingReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func TestBlobSourceErrorsStay(t *testing.T) {
	plain := manyFiles(t)
	good := gzipped(t, plain)
	broken := errors.New("cable pulled")
	_, err := unpackBlob(t, Blob{
		Content: io.NopCloser(failingReader{bytes.NewReader(good[:len(good)/2]), broken}),
		Digest:  digestOf(t, good), Size: int64(len(good)), DiffID: digestOf(t, plain),
	})
	if err != broken {
		t.Errorf("got %v", err)
	}
}

// TestBlobErrorClosesASilentSource has a source that gives an archive that is
// refused, and then nothing until it is closed.
func TestBlobErrorClosesASilentSource(t *testing.T) {
	r, w := io.Pipe()
	plain := archive(t, file("../evil", "x"), file("rest", strings.Repeat("x", chunkSize)))
	go w.Write(plain)
	_, err := unpackBlob(t, Blob{Content: r, Digest: digestOf(t, plain), Size: 1 << 40, DiffID: digestOf(t, plain)})
	var unsafe *UnsafeError
	if !errors.As(err, &unsafe) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkBlob(b *testing.B) {
	plain := manyFiles(b)
	for name, data := range map[string][]byte{"gzip": gzipped(b, plain), "zstd": zstded(b, plain)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				dir, err := os.MkdirTemp("/dev/shm", "layer")
				if err != nil {
					b.Fatal(err)
				}
				blob := Blob{Content: io.NopCloser(bytes.NewReader(data)), Digest: digestOf(b, data), Size: int64(len(data)), DiffID: digestOf(b, plain)}
				if _, err := blob.Unpack(b.Context(), dir); err != nil {
					b.Fatal(err)
				}
				os.RemoveAll(dir)
			}
		})
	}
}
