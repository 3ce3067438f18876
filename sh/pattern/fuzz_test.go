package pattern

import (
	"strings"
	"testing"

	"bootrc/test/bound"
)

func FuzzPattern(f *testing.F) {
	f.Add("a*[!b-d]?\\*[[:alpha:]]*", "abcx*yz")
	f.Add("*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, text, against string) {
		bound.Input(t, len(text)+len(against))
		p := Compile(text)
		p.Match(against)
		for _, longest := range []bool{false, true} {
			if rest := p.TrimPrefix(against, longest); !strings.HasSuffix(against, rest) {
				t.Errorf("%q without %q is %q", against, text, rest)
			}
			if rest := p.TrimSuffix(against, longest); !strings.HasPrefix(against, rest) {
				t.Errorf("%q without %q is %q", against, text, rest)
			}
		}
	})
}
