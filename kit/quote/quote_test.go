package quote

import (
	"os/exec"
	"slices"
	"testing"

	"bootrc/test/program"
)

// The real shell gives the words back.
func TestWords(t *testing.T) {
	words := []string{"", "plain", "two words", "it's", "'", `"$(echo x)"`, "a\nb", `\`, "`x`", "*", "ünï"}
	want := ""
	for _, word := range words {
		want += "<" + word + ">"
	}
	if split, err := Split(Words(words)); err != nil || !slices.Equal(split, words) {
		t.Errorf("Split: got %q, %v, want %q", split, err, words)
	}
	script := `list=` + Word(Words(words)) + `; eval "set -- $list"; for word; do printf '<%s>' "$word"; done`
	out, err := exec.Command(program.Need(t, "dash"), "-c", script).CombinedOutput()
	if err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

func TestSplitFaults(t *testing.T) {
	if words, err := Split("a 'b c"); err == nil {
		t.Errorf("got %q, want an error", words)
	}
}

// A backslash means in quotes what it means to a shell.
func TestSplitBackslash(t *testing.T) {
	for text, want := range map[string]string{
		`a\ b`: "a b", `"a\b"`: `a\b`, `"a\"b"`: `a"b`, `'a\b'`: `a\b`, `"\$a"`: "$a",
	} {
		if words, err := Split(text); err != nil || !slices.Equal(words, []string{want}) {
			t.Errorf("%s: got %q, %v, want %q", text, words, err, want)
		}
	}
}
