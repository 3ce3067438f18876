package mirror

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bootrc/s3/folder"
	"bootrc/s3/tree"
)

// listing yields names; "!" is an error.
func listing(names string) tree.Seq {
	return func(yield func(tree.Entry, error) bool) {
		for _, name := range strings.Fields(names) {
			var err error
			if name == "!" {
				err = errors.New("listing failed")
			}
			if !yield(tree.Entry{Name: name}, err) {
				return
			}
		}
	}
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct{ src, dst, want string }{
		{"", "", ""},
		{"a b c", "", "a> b> c>"},
		{"", "a b", "<a <b"},
		{"a b d", "b c d e", "a> b= <c d= <e"},
		{"a-b a/ a/b", "a/ a/c", "a-b> a/= a/b> <a/c"},
		{"a ! c", "b", "a> <b c> src!"},
		{"a b c", "b ! c", "a> b= dst!"},
		{"!", "! a", "src! dst!"},
	} {
		var state listings
		var got []string
		for p := range merge(listing(tt.src), listing(tt.dst), &state) {
			switch {
			case p.dst == nil:
				got = append(got, p.name+">")
			case p.src == nil:
				got = append(got, "<"+p.name)
			default:
				got = append(got, p.name+"=")
			}
		}
		for range state.srcErrs {
			got = append(got, "src!")
		}
		if state.dstErr != nil {
			got = append(got, "dst!")
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.src, tt.dst, text, tt.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.log", "a.log", true}, {"*.log", "d/a.log", true}, {"*.log", "a.logs", false},
		{"d/*", "d/e/f", true}, {"d/*", "d", false}, {"d", "d/", true}, {"d", "d/e", false},
		{"?", "é", true}, {"?", "ab", false}, {"", "", true}, {"", "a", false}, {"*", "", true}, {"**a*", "bab", true},
		{"[ab]", "a", false}, {"[ab]", "[ab]", true}, {"*a*b*c", "xaxbxxc", true}, {"*a*b*c", "xaxbxx", false},
		{strings.Repeat("*a", 30) + "b", strings.Repeat("a", 60), false},
	} {
		if got := matches(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q, %q: %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

func TestClashes(t *testing.T) {
	names := []string{"a/b", "a/c/", "f", "g-h", "g/"}
	for name, want := range map[string]bool{
		"a": true, "a/": true, "a/c": true, "f/x": true, "f/x/y": true, "g": true, "g/": true,
		"": false, "b": false, "a/b": false, "fx": false, "e/f": false, "g-": false,
	} {
		if clashes(name, names) != want {
			t.Errorf("%q: %v, want %v", name, !want, want)
		}
	}
}

func TestWithoutCovered(t *testing.T) {
	names := map[string]bool{"a": false, "a/": true, "a/b": false, "a/c/": true, "ab": false, "d/": false, "d/e": false}
	want := "[{a false} {a/ true} {ab false} {d/ false} {d/e false}]"
	if got := fmt.Sprint(withoutCovered(names)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	all := withoutCovered(map[string]bool{"": true, "x": false, "y/": true})
	if !slices.Equal(all, []folder.Change{{Below: true}}) {
		t.Errorf("%v, want everything once", all)
	}
}
