package example

import "testing"

func TestMarked(t *testing.T) {
	const page = "# A\n\n<!-- a -->\n```sh\none\ntwo\n```\ntext\n\n<!-- b -->\n```sh\nthree\n```\n<!-- a -->\n```sh\nfour\n```\n"
	for _, tt := range []struct {
		page, mark, want string
		wrong            bool
	}{
		{page, "a", "one\ntwo\nfour\n", false}, {page, "b", "three\n", false}, {page, "c", "", true},
		{page + "```sh\nfive\n```\n", "a", "", true}, {"<!-- a -->\n```sh\nopen", "a", "", true},
	} {
		got, err := marked(tt.page, tt.mark)
		if got != tt.want || (err != nil) != tt.wrong {
			t.Errorf("%q of %q: %q, %v", tt.mark, tt.page, got, err)
		}
	}
}
