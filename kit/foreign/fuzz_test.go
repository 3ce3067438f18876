package foreign

import (
	"strings"
	"testing"
	"unicode"

	"bootrc/test/bound"
)

func FuzzText(f *testing.F) {
	f.Add("a\x1b[2J\r\nb\u202e\u0085\xff")
	f.Fuzz(func(t *testing.T, text string) {
		bound.Input(t, len(text))
		control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
		if line := Line(text); strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
			t.Errorf("%q becomes %q", text, line)
		}
		if shown := Text(text); strings.ContainsFunc(shown, control) {
			t.Errorf("%q becomes %q", text, shown)
		}
	})
}
