package tools

import (
	"errors"
	"io"
	"strings"
	"testing"

	"bootrc/kit/keys"
)

// What the fingers of a person at a broken machine type, beside the host's tools.
func TestFingers(t *testing.T) {
	testScripts(t, []script{
		{line: "sed s/a/A/ fruit", want: "peAr\nApple\nfig\nApple\n"},
		{line: "sed 's/p/P/g' fruit", want: "Pear\naPPle\nfig\naPPle\n"},
		{line: "sed 's/p/P/2' fruit", want: "pear\napPle\nfig\napPle\n"},
		{line: "sed -n 's/fig/&s/p' fruit", want: "figs\n"},
		{line: `sed 's/\(p\)\(l\)/\2\1/' fruit`, want: "pear\naplpe\nfig\naplpe\n"},
		{line: `sed -E 's/(p)(l)/\2\1/' fruit`, want: "pear\naplpe\nfig\naplpe\n"},
		{line: `sed 's,[/,],x,' fields`, want: texts["fields"]},
		{line: `echo /a/b | sed 's/\/a/x/; s|/|,|'`, want: "x,b\n"},
		{line: "sed 2d fruit", want: "pear\nfig\napple\n"},
		{line: "sed '$d' fruit", want: "pear\napple\nfig\n"},
		{line: "sed -n '2,3p' fruit", want: "apple\nfig\n"},
		{line: "sed -n '/apple/,/fig/p' fruit", want: "apple\nfig\napple\n"},
		{line: "sed -n '/fig/,$p' fruit", want: "fig\napple\n"},
		{line: "sed -n '/fig/!p' fruit", want: "pear\napple\napple\n"},
		{line: "sed '/fig/q' fruit", want: "pear\napple\nfig\n"},
		{line: "sed -n '$=' fruit", want: "4\n"},
		{line: "sed '2a\\\nafter' fruit", want: "pear\napple\nafter\nfig\napple\n"},
		{line: "sed '1i first' noeol", want: "first\none\ntwo"},
		{line: "sed '1c other' noeol", want: "other\ntwo"},
		{line: "sed y/abc/xyz/ fields", want: "x:y:z\nd:e\nnone\n"},
		{line: "sed 'N;s/\\n/+/' fruit", want: "pear+apple\nfig+apple\n"},
		{line: "sed -n '/apple/{s/a/b/;p}' fruit", want: "bpple\nbpple\n"},
		{line: "sed -e 1d -e 's/fig/FIG/' fruit", want: "apple\nFIG\napple\n"},
		{line: "sed -i s/a/b/ fruit noeol; cat fruit noeol", want: "pebr\nbpple\nfig\nbpple\none\ntwo"},
		{line: "sed s/x*/-/g noeol", want: "-o-n-e-\n-t-w-o-"},
		{line: "sed '2,1d' fruit", want: "pear\nfig\napple\n"},
		{line: "sed 's/A/x/I' fruit", want: "pexr\nxpple\nfig\nxpple\n"},
		{line: "sed s/a/A/ noeol fruit", want: "one\ntwo\npeAr\nApple\nfig\nApple\n"},
		{line: "sed q noeol noeol", want: "one\n"},
		{line: `echo /a/b | sed '\%/a/%s%b%c%'`, want: "/a/c\n"},
		{line: "sed s/a fruit", status: 2, ours: "a usage error is 2 everywhere here"},
		{line: "sed '' missing", status: 1, ours: "GNU's is 2"},

		{line: "diff -u fruit fruit", want: ""},
		{line: "sed s/fig/FIG/ fruit >f2; diff -u fruit f2 | tail -n +3", want: "@@ -1,4 +1,4 @@\n pear\n apple\n-fig\n+FIG\n apple\n"},
		{line: "diff -q fruit noeol", want: "Files fruit and noeol differ\n", status: 1},
		{line: "diff fruit missing", status: 2},

		{line: "seq 9 | grep -A1 -B1 5", want: "4\n5\n6\n"},
		{line: "seq 9 | grep -C 1 -e 2 -e 7", want: "1\n2\n3\n--\n6\n7\n8\n"},
		{line: "seq 9 | grep -n -A 2 3", want: "3:3\n4-4\n5-5\n"},
		{line: "seq 9 | grep -A1 -e 3 -e 4", want: "3\n4\n5\n"},
		{line: "seq 30 | grep -m1 -A1 3", want: "3\n4\n"},
		{line: "grep -c -A1 apple fruit", want: "2\n"},

		{line: "sort -t: -k2 fields", want: "none\na:b:c\nd:e\n"},
		{line: "printf 'b 10\\na 9\\nc 9\\n' | sort -k2n", want: "a 9\nc 9\nb 10\n"},
		{line: "printf 'b 10\\na 9\\nc 9\\n' | sort -k2nr -k1,1r", want: "b 10\nc 9\na 9\n"},
		{line: "printf 'b 10\\na 9\\nc 9\\n' | sort -k 2,2n -k 1r", want: "c 9\na 9\nb 10\n"},
		{line: "printf 'b:x:\\nb:a::\\na:x\\n' | sort -t: -k2,2 -k1,1", want: "b:a::\na:x\nb:x:\n"},
		{line: "printf '2G\\n10K\\n3M\\n900\\n' | sort -h", want: "900\n10K\n3M\n2G\n"},
		{line: "printf '2G\\n10K\\n3M\\n900\\n' | sort -rh", want: "2G\n3M\n10K\n900\n"},
		{line: "printf 'a:3\\nb:1\\n' | sort -t : -k 2", want: "b:1\na:3\n"},

		{line: "tail -c 4 noeol", want: "\ntwo"},
		{line: "tail -c +5 noeol", want: "two"},
		{line: "seq 1000 | tail -c 4", want: "000\n"[0:4]},
		{line: "mkdir -p a/b/c; du -d 1 a | cut -f 2", want: "a/b\na\n"},
		{line: "mkdir -p a/b/c; du -d 0 a | cut -f 2", want: "a\n"},

		{line: "find fruit -exec wc -l {} \\;", want: "4 fruit\n"},
		{line: "echo fruit | xargs wc -l", want: "4 fruit\n"},
		{line: "timeout 5 wc -l fruit", want: "4 fruit\n"},
		{line: "env A=1 wc -l fruit", want: "4 fruit\n"},
		{line: "which no-such-command", status: 1},
		{line: "which sed", want: "sed: a command of this shell (help sed)\n", ours: "it is one"},
	})
}

// A person edits a text: what is typed, and what stands in the file then.
func TestEdit(t *testing.T) {
	const text = "one\n\ttwo\nthree\n"
	for name, tt := range map[string]struct{ keys, want string }{
		"type":             {"x\x13", "xone\n\ttwo\nthree\n"},
		"move":             {"\x1b[B\x1b[Fx\x13", "one\n\ttwox\nthree\n"},
		"end and home":     {"\x1b[6~\x1b[Fx\x1b[Hy\x13", "one\n\ttwo\nythreex\n"},
		"new line indents": {"\x1b[B\x1b[F\rx\x13", "one\n\ttwo\n\tx\nthree\n"},
		"join":             {"\x1b[B\x7f\x13", "one\ttwo\nthree\n"},
		"delete":           {"\x1b[3~\x13", "ne\n\ttwo\nthree\n"},
		"cut and put back": {"\x0b\x1b[B\x15\x13", "\ttwo\none\nthree\n"},
		"look for":         {"\x06ree\rx\x13", "one\n\ttwo\nthxree\n"},
		"go to a line":     {"\x073\rx\x13", "one\n\ttwo\nxthree\n"},
		"take back":        {"\x0b\x1a\x13", text},
		"leave unwritten":  {"x\x11\x11", ""},
		"stay":             {"x\x11ny\x13", "xyone\n\ttwo\nthree\n"},
		"beyond the ends":  {"\x1b[A\x1b[D\x1b[6~\x1b[6~\x1b[C\x1b[C\x1b[Cx\x13", "one\n\ttwo\nthrxee\n"},
		"wide letters":     {"äö\x1b[D\x7fü\x13", "üöone\n\ttwo\nthree\n"},
	} {
		e := newEditor("f", text, 40, 5)
		in := &keys.Reader{From: strings.NewReader(tt.keys + "\x11\x11")}
		e.keys = in.Next
		screens := 0
		e.draw = func(string) { screens++ }
		got := ""
		if err := e.run(func(text string) error { got = text; return nil }); err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		if got != tt.want || screens == 0 {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// The screen shows the part of a text where the cursor is, and nothing that would change the terminal.
func TestEditorScreen(t *testing.T) {
	var last string
	e := newEditor("f", strings.Repeat("line\n", 50)+"\x1b[2J"+strings.Repeat("x", 100)+"END\n", 40, 5)
	in := &keys.Reader{From: strings.NewReader("\x0751\r\x1b[F")}
	e.keys, e.draw = in.Next, func(s string) { last = s }
	e.run(nil)
	if !strings.Contains(last, "END") || strings.Contains(last, "\x1b[2J") || !strings.Contains(last, "51/51") {
		t.Errorf("the screen is %q", last)
	}
}

// A text whose last line has no end is not changed by being looked at.
func TestEditorLeavesUnchanged(t *testing.T) {
	for _, text := range []string{"", "one", "one\n", "one\n\n"} {
		e := newEditor("f", text, 40, 5)
		in := &keys.Reader{From: strings.NewReader("\x11")}
		e.keys, e.draw = in.Next, func(string) {}
		if err := e.run(nil); err != nil {
			t.Errorf("%q: leaving: %v", text, err)
		}
	}
}
