package gunzip

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"
)

// contents are data of all kinds that a compressor treats differently.
func contents() map[string][]byte {
	r := rand.New(rand.NewSource(1))
	noise := make([]byte, 300_000)
	r.Read(noise)
	skewed := make([]byte, 300_000) // whose codes get as long as codes may
	for i := range skewed {
		skewed[i] = byte(r.ExpFloat64() * 4)
	}
	var periods bytes.Buffer
	for period := range 40 {
		periods.Write(bytes.Repeat(noise[:period], 700/(period+1)))
		periods.Write(noise[1000*period : 1000*period+r.Intn(50)])
	}
	var far bytes.Buffer // matches as far away as they may be
	for range 8 {
		far.Write(noise[:32<<10])
	}
	var text bytes.Buffer
	for i := range 30_000 {
		fmt.Fprintf(&text, "%d %x line %d\n", i*i, i, r.Intn(500))
	}
	return map[string][]byte{
		"nothing": nil, "one byte": {7}, "zeroes": make([]byte, 1_000_000), "noise": noise, "skewed": skewed,
		"periods": periods.Bytes(), "far": far.Bytes(), "text": text.Bytes(),
	}
}

// packed compresses data at a level.
func packed(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
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

func unpack(r io.Reader) ([]byte, error) {
	z, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func TestContents(t *testing.T) {
	for name, data := range contents() {
		for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
			z := packed(t, data, level)
			for how, r := range map[string]io.Reader{
				"whole": bytes.NewReader(z), "in pieces": iotest.HalfReader(bytes.NewReader(z)),
				"with its end": iotest.DataErrReader(bytes.NewReader(z)),
			} {
				if got, err := unpack(r); err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s, level %d, read %s: %d of %d bytes, %v", name, level, how, len(got), len(data), err)
				}
			}
		}
	}
}

func TestByteByByte(t *testing.T) {
	want := contents()["text"][:20_000]
	z, err := NewReader(iotest.OneByteReader(bytes.NewReader(packed(t, want, 6))))
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(iotest.OneByteReader(z), want); err != nil {
		t.Error(err)
	}
}

func TestMembers(t *testing.T) {
	var headed bytes.Buffer
	w := gzip.NewWriter(&headed)
	w.Name, w.Comment, w.Extra = "name", "a comment", []byte("extra")
	io.WriteString(w, "two ")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all := append(packed(t, []byte("one "), 1), headed.Bytes()...)
	all = append(all, packed(t, nil, 9)...)
	all = append(all, packed(t, []byte("three"), 0)...)
	if got, err := unpack(bytes.NewReader(all)); err != nil || string(got) != "one two three" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestHeaders walks what a header may and may not hold.
func TestHeaders(t *testing.T) {
	const empty = "\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	const rest = "\x00\x00\x00\x00\x00\x03"
	for header, want := range map[string]error{
		"\x1f\x8b\x08\x00" + rest:                                 nil,
		"\x1f\x8b\x08\x01" + rest:                                 nil, // it may be text
		"\x1f\x8b\x08\x1c" + rest + "\x02\x00xyname\x00about\x00": nil,
		"\x1f\x8b\x08\x02" + rest + "\x00\x00":                    ErrChecksum, // of the header itself
		"\x1f\x8b\x07\x00" + rest:                                 ErrFormat,
		"\x1f\x8b\x08\xe0" + rest:                                 nil,
		"\x1f\x8c\x08\x00" + rest:                                 ErrFormat,
		"\x1f\x8b\x08\x04" + rest + "\xff\xff":                    io.ErrUnexpectedEOF,
		"\x1f\x8b\x08\x08" + rest + "name":                        io.ErrUnexpectedEOF,
		"\x1f\x8b":                                                io.ErrUnexpectedEOF,
	} {
		tail := empty
		if want == io.ErrUnexpectedEOF {
			tail = ""
		}
		if _, err := unpack(strings.NewReader(header + tail)); err != want {
			t.Errorf("%q: %v, expected %v", header, err, want)
		}
	}
}

// TestDamaged cuts and changes good data at each byte.
func TestDamaged(t *testing.T) {
	want := contents()["text"][:3000]
	for _, level := range []int{0, 1, gzip.HuffmanOnly} {
		z := packed(t, want, level)
		for i := range z {
			if got, err := unpack(bytes.NewReader(z[:i])); err != io.ErrUnexpectedEOF {
				t.Fatalf("level %d, cut at %d: %d bytes, %v", level, i, len(got), err)
			}
			changed := bytes.Clone(z)
			changed[i] ^= 0x10
			agrees(t, changed)
		}
		agrees(t, append(z[:len(z):len(z)], 0))
	}
}

// agrees compares with the standard library.
func agrees(t *testing.T, z []byte) {
	t.Helper()
	var want []byte
	std, wantErr := gzip.NewReader(bytes.NewReader(z))
	if wantErr == nil {
		want, wantErr = io.ReadAll(std)
	}
	got, err := unpack(bytes.NewReader(z))
	switch {
	case (err == nil) != (wantErr == nil):
		t.Fatalf("%x: got %v, expected %v", z, err, wantErr)
	case err == nil && !bytes.Equal(got, want):
		t.Fatalf("%x: got %x, expected %x", z, got, want)
	case err != nil && err != io.ErrUnexpectedEOF && err != ErrFormat && err != ErrChecksum:
		t.Fatalf("%x: %v is none of the errors that Read has", z, err)
	}
}

func TestSourceFails(t *testing.T) {
	z := packed(t, contents()["text"], 6)
	for _, n := range []int{0, 5, 100, len(z) - 4} {
		r := io.MultiReader(bytes.NewReader(z[:n]), iotest.ErrReader(iotest.ErrTimeout))
		if _, err := unpack(r); err != iotest.ErrTimeout {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func FuzzAgrees(f *testing.F) {
	for _, data := range contents() {
		for _, level := range []int{gzip.HuffmanOnly, 0, 1, 9} {
			f.Add(packed(f, data[:min(len(data), 4000)], level))
		}
	}
	f.Fuzz(agrees)
}
