package extraargs

import (
	"strings"
	"testing"
	"unicode"

	"bootrc/test/bound"
)

// FuzzText takes any bytes for a server's answer, and any text for packed arguments.
func FuzzText(f *testing.F) {
	f.Add("b2c.run=\"box\"\n", "base64:YjJjLnJ1bj0iYm94Ig==")
	f.Add("<html>", "base64:KLUv/QQAEQAAeHgBAA==")
	f.Add("\xff\x00", "base64:")
	f.Fuzz(func(t *testing.T, answer, value string) {
		bound.Input(t, len(answer)+len(value)+MaxSize/64)
		for _, text := range []string{must(Text([]byte(answer))), must(Decode(value))} {
			if len(text) > MaxSize || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
				t.Errorf("%q", text)
			}
		}
		Fill(answer, Facts{})
	})
}

func must(text string, err error) string {
	if err != nil {
		return ""
	}
	return text
}
