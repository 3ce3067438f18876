package keys

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLength(t *testing.T) {
	for keys, want := range map[string]int{
		"": 0, "a": 1, "ab": 1, "ä": 2, "\xc3": 0, "\xff": 1,
		"\x1b": 0, "\x1b[": 0, "\x1b[1;5": 0, "\x1b[A": 3, "\x1b[5~x": 4, "\x1bOHx": 3, "\x1bx": 2, "\x1b\x1b[A": 1,
		"\x1b[1;5C": 6, "\x1b[200~": 6,
	} {
		if got := length([]byte(keys)); got != want {
			t.Errorf("%q: %d, want %d", keys, got, want)
		}
	}
}

// slow gives one byte at a time.
type slow struct{ text string }

func (s *slow) Read(p []byte) (int, error) {
	n := copy(p[:1], s.text)
	s.text = s.text[n:]
	if n == 0 {
		return strings.NewReader("").Read(p)
	}
	return n, nil
}

// The bytes of one key's sequence may come one by one; an escape after which nothing comes is a key.
func TestReader(t *testing.T) {
	line := &slow{"aä\x1b[Ax\x1b[1;5Cy\x1bf\x1b"}
	r := Reader{From: line, Wait: func(time.Duration) bool { return line.text != "" }}
	var got []string
	for {
		key, err := r.Next()
		if err != nil {
			break
		}
		got = append(got, key)
	}
	if want := []string{"a", "ä", "\x1b[A", "x", "\x1b[1;5C", "y", "\x1bf", "\x1b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
