package obtain

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for text, want := range map[string]string{
		"http://h/a":                "http://h/a  <nil>",
		"http://h/a,sha256=" + sum:  "http://h/a " + sum + " <nil>",
		"http://h/a,b":              "http://h/a,b  <nil>",
		"http://h/a,sha256=":        `http://h/a  sha256=: expected 64 hexadecimal digits, got ""`,
		"http://h/a,sha256=" + "0a": `http://h/a 0a sha256=: expected 64 hexadecimal digits, got "0a"`,
		"http://h/a,sha256=x" + sum: "http://h/a x" + sum + ` sha256=: expected 64 hexadecimal digits, got "x` + sum + `"`,
		"base64:QQ==,sha256=" + sum: "base64:QQ== " + sum + " <nil>",
	} {
		r, err := Parse(text)
		if got := fmt.Sprint(r.Where, " ", r.Sum, " ", err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
