package mirror

import (
	"context"
	"strings"
	"testing"

	"bootrc/s3/tree"
)

func TestInParallel(t *testing.T) {
	for _, tt := range []struct{ segments, want string }{
		{"", ""},
		{"a b", "a b"},
		{"a b | c | | d e", "a b c d e"},
		{"a | | | | | | | | b", "a b"},
		{"a ! | b", "a !"}, // behind an error, nothing proves anything
		{"a | ! | b", "a !"},
	} {
		var segments []tree.Seq
		for segment := range strings.SplitSeq(tt.segments, "|") {
			segments = append(segments, listing(segment))
		}
		var got []string
		for e, err := range inParallel(t.Context(), segments) {
			if err != nil {
				e.Name = "!"
			}
			got = append(got, e.Name)
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%q: %q, want %q", tt.segments, text, tt.want)
		}
	}
}

// A listing that is cut short does not look like one that has ended.
func TestInParallelCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	endless := func(yield func(tree.Entry, error) bool) {
		for yield(tree.Entry{Name: "x"}, nil) {
		}
	}
	var last error
	n := 0
	for _, err := range inParallel(ctx, []tree.Seq{endless, listing("y")}) {
		if n++; n == 10 {
			cancel()
		}
		last = err
	}
	if last == nil {
		t.Errorf("%d entries, and no error", n)
	}
}
