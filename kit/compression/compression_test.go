package compression

import (
	"bytes"
	"compress/gzip"
	"io"
	"os/exec"
	"strings"
	"testing"

	"bootrc/test/program"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// compress returns data in a format.
func compress(t *testing.T, format Format, data string) string {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch format {
	case Gzip:
		w = gzip.NewWriter(&out)
	case XZ:
		w, err = xz.NewWriter(&out)
	case Zstd:
		w, err = zstd.NewWriter(&out)
	default:
		return data
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReader(t *testing.T) {
	for _, want := range []string{"", "x", "BZ", strings.Repeat("text ", 50_000)} {
		for _, format := range []Format{None, Gzip, Zstd, XZ} {
			packed := compress(t, format, want)
			r, err := NewReader(strings.NewReader(packed), Options{})
			if err != nil || r.Format != format {
				t.Errorf("%d bytes as %q: %+v, %v", len(want), format, r, err)
				continue
			}
			if got, err := io.ReadAll(r); string(got) != want || err != nil {
				t.Errorf("%d bytes as %q: got %d, %v", len(want), format, len(got), err)
			}
		}
	}
}

// A stream that breaks off, or is not what its first bytes say, is an error, never less
// content.
func TestBrokenStreams(t *testing.T) {
	for _, format := range []Format{Gzip, Zstd, XZ} {
		whole := compress(t, format, strings.Repeat("text ", 50_000))
		for name, broken := range map[string]string{
			"half":              whole[:len(whole)/2],
			"all but a byte":    whole[:len(whole)-1],
			"the magic alone":   whole[:Head],
			"a magic, and text": whole[:Head] + strings.Repeat("text ", 100),
		} {
			r, err := NewReader(strings.NewReader(broken), Options{})
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if err == nil {
				t.Errorf("%s of %s: no error", name, format)
			}
		}
	}
}

func TestAccepted(t *testing.T) {
	const bzip2 = "BZh91AY&SY"
	layers := Options{Formats: []Format{Gzip, Zstd}}
	for _, c := range []struct {
		head  string
		o     Options
		wrong string
	}{
		{"text", layers, ""},
		{compress(t, Zstd, "x"), layers, ""},
		{"\x5a\x2a\x4d\x18\x00\x00\x00\x00" + compress(t, Zstd, "x"), layers, ""},
		{compress(t, XZ, "x"), layers, "it is compressed with xz: expected gzip or zstd"},
		{bzip2, layers, "it is compressed with bzip2: expected gzip or zstd"},
	} {
		r, err := NewReader(strings.NewReader(c.head), c.o)
		if text := ""; err != nil {
			if text = err.Error(); text != c.wrong {
				t.Errorf("%.4q: %s, want %q", c.head, text, c.wrong)
			}
			continue
		}
		if _, err := io.ReadAll(r); c.wrong != "" || err != nil {
			t.Errorf("%.4q: %v, want %q", c.head, err, c.wrong)
		}
	}
}

// What other programs have compressed, in the forms that they have.
func TestOthers(t *testing.T) {
	want := strings.Repeat("0123456789abcdef", 200_000)
	for _, tt := range []struct {
		command string
		window  uint64
		wrong   string
	}{
		{"xz", 0, ""},
		{"xz -9e", 128 << 20, ""}, // 64 MiB
		{"xz -9e", 32 << 20, "it needs more than the 32 MiB of memory"},
		{"xz --x86 --lzma2=dict=64MiB", 32 << 20, "it needs more than the 32 MiB"},
		{"xz --block-size=100000 -T2", 0, ""},
		{"xz --check=none", 0, ""},
		{"bzip2", 0, ""},
		{"bzip2 -1", 0, ""},
		{"zstd -q --long=27", 128 << 20, ""},
		{"zstd -q --long=27", 32 << 20, "it needs more than the 32 MiB"},
	} {
		words := strings.Fields(tt.command + " -c")
		c := exec.Command(program.Need(t, words[0]), words[1:]...)
		c.Stdin = strings.NewReader(want)
		packed, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v", tt.command, err)
		}
		var got []byte
		r, err := NewReader(bytes.NewReader(packed), Options{Window: tt.window})
		if err == nil {
			got, err = io.ReadAll(r)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if tt.wrong == "" && (err != nil || string(got) != want) || !strings.Contains(text, tt.wrong) {
			t.Errorf("%s, at most %d: got %d bytes, %v", tt.command, tt.window, len(got), err)
		}
	}
}

// No stream takes more memory than its reader allows.
func TestWindow(t *testing.T) {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 65<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for window, fails := range map[uint64]bool{0: false, 32 << 20: true, 64 << 20: false} {
		r, err := NewReader(bytes.NewReader(out.Bytes()), Options{Window: window})
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if fails != (err != nil) {
			t.Errorf("at most %d bytes: %v", window, err)
		}
	}
}
