package foreign

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"Access Denied.":               "Access Denied.",
		`it's "so" \n, 100 %`:          `it's "so" \n, 100 %`,
		"größe 日本語 🥾":                  "größe 日本語 🥾",
		"e\u0301":                      "e\u0301",
		"a\tb":                         "a\tb",
		"a\nExecution is over":         `a\nExecution is over`,
		"\rover":                       `\rover`,
		"\x1b[2J\x1b]0;title\x07":      `\x1b[2J\x1b]0;title\a`,
		"\x00\x7f\b":                   `\x00\x7f\b`,
		"\u009b31m":                    `\u009b31m`, // CSI in one character
		"\u2028new\u2029":              `\u2028new\u2029`,
		"\u202egnp.exe":                `\u202egnp.exe`,
		"zero\u200bwidth\ufeff":        `zero\u200bwidth\ufeff`,
		"\xff\xfe":                     `\xff\xfe`,
		"\ufffd":                       "\ufffd",
		"half a letter \xe6\x97":       `half a letter \xe6\x97`,
		strings.Repeat("n", longest):   strings.Repeat("n", longest),
		strings.Repeat("n", longest+1): strings.Repeat("n", longest) + "…",
		strings.Repeat("\x1b", 1<<20):  strings.Repeat(`\x1b`, longest) + "…",
	} {
		if got := Line(text); got != want {
			t.Errorf("%.40q: %.80q, want %.80q", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"a":                       "a",
		"a\nb\n\nc":               "a\n  b\n  \n  c",
		"seen:\n  sda\n    1":     "seen:\n  sda\n    1",
		"no\n[3.65]: Execution":   "no\n  [3.65]: Execution",
		"no\r[3.65]: \x1b[2Jover": `no\r[3.65]: \x1b[2Jover`,
	} {
		if got := Text(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
