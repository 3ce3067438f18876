package pattern

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

var matches = []struct {
	pattern, text string
	want          bool
	ours          string // why dash differs
}{
	{"", "", true, ""},
	{"", "a", false, ""},
	{"abc", "abc", true, ""},
	{"abc", "abcd", false, ""},
	{"?", "", false, ""},
	{"a?c", "abc", true, ""},
	{"*", "", true, ""},
	{"**", "/.a", true, ""},
	{"a*", "ba", false, ""},
	{"*a", "ba", true, ""},
	{"*a*", "bab", true, ""},
	{"a*a", "a", false, ""},
	{"a*b*c", "aXbYc", true, ""},
	{"a*b*c", "aXcYb", false, ""},
	{"*ab*ba*", "aba", false, ""},
	{"*?*?*", "a", false, ""},
	{`\*`, "*", true, ""},
	{`\*`, "a", false, ""},
	{`a\b`, "ab", true, ""},
	{"[abc]", "b", true, ""},
	{"[!abc]", "b", false, ""},
	{"[^abc]", "d", true, "dash takes the ^ for a character; POSIX leaves it open"},
	{"[a-c]x", "bx", true, ""},
	{"[c-a]", "b", false, ""},
	{"[a-c-e]", "-", true, ""},
	{"[]]", "]", true, ""},
	{"[!]]", "a", true, ""},
	{"[]-a]", "_", true, ""},
	{"[a", "[a", true, ""},
	{"[", "[", true, ""},
	{"[]", "[]", true, ""},
	{"[!]", "[!]", true, ""},
	{"[-a]", "-", true, ""},
	{"[a-]", "-", true, ""},
	{"[[:digit:][:upper:]]", "A", true, ""},
	{"[![:space:]]", " ", false, ""},
	{"[[:alpha:]-z]", "-", true, ""},
	{"[[.a.]b]", "a", true, "dash has no collating symbols"},
	{"[[=a=]b]", "a", true, "dash has no equivalence classes"},
	{`[\]]`, "]", true, ""},
	{`[a\-c]`, "b", false, ""},
	{`[\a]`, "a", true, ""},
	{"[[a]", "[", true, ""},
	{"[a/b]", "/", true, ""},
	{"[\x80-\xff]", "\xe9", true, "dash takes bytes for signed ones"},
	{"??", "\xc3\xa9", true, ""},
}

func TestMatch(t *testing.T) {
	for _, row := range matches {
		t.Run(row.pattern+" "+row.text, func(t *testing.T) {
			if got := Compile(row.pattern).Match(row.text); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
			if row.ours != "" {
				return
			}
			err := exec.Command("dash", "-c", `case $1 in $2) ;; *) exit 1; esac`, "dash", row.text, row.pattern).Run()
			if (err == nil) != row.want {
				t.Errorf("dash: %v, want %v", err, row.want)
			}
		})
	}
}

// each operator on each pair, in dash and here
func TestTrim(t *testing.T) {
	texts := []string{"", "a", "abcabc", "aaa", "a*b", "/usr/local/bin", "x.tar.gz"}
	patterns := []string{"", "*", "?", "a", "a*", "*a", "*b*", "a*c", "?*?", "b*c*", "[a-c]", "*[!a]", `\*b`, "*/", "/*", "*.", ".*", "*a*a"}
	const script = `for x; do for p; do printf '%s\n' "$x" "${x#$p}" "${x##$p}" "${x%$p}" "${x%%$p}"; done; done`
	all := append(slices.Clone(texts), patterns...)
	out, err := exec.Command("dash", append([]string{"-c", script, "dash"}, all...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for _, text := range all {
		for _, p := range all {
			c := Compile(p)
			got := []string{text, c.TrimPrefix(text, false), c.TrimPrefix(text, true), c.TrimSuffix(text, false), c.TrimSuffix(text, true)}
			if !slices.Equal(got, want[:5]) {
				t.Errorf("%q and %q: got %q, dash has %q", text, p, got[1:], want[1:5])
			}
			want = want[5:]
		}
	}
}

func TestQuote(t *testing.T) {
	for _, text := range []string{"", "a", `*?[a-b]!^\`, "[[:alpha:]]", "a\nb", "é"} {
		quoted := string(AppendQuoted(nil, text))
		if p := Compile(quoted); !p.Match(text) || Unquote(quoted) != text {
			t.Errorf("%q does not match %q", quoted, text)
		}
	}
}

// many asterisks cost no more than the length of the pattern times that of the text
func TestManyAsterisks(t *testing.T) {
	p, text := Compile(strings.Repeat("*a", 200)+"*b"), strings.Repeat("a", 20000)
	done := make(chan bool)
	go func() {
		done <- p.Match(text) || p.TrimPrefix(text, true) != text || p.TrimSuffix(text, true) != text
	}()
	select {
	case matched := <-done:
		if matched {
			t.Error("it matches")
		}
	case <-time.After(time.Minute):
		t.Fatal("it takes forever")
	}
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/x", "a/.h", "b/x", "b/y z", "*q", "c", ".d/x", "[u", `k\l`} {
		if i := strings.LastIndex(name, "/"); i > 0 {
			os.MkdirAll(dir+"/"+name[:i], 0o755)
		}
		os.WriteFile(dir+"/"+name, nil, 0o644)
	}
	os.Symlink("a", dir+"/link")
	os.Symlink("nowhere", dir+"/broken")
	for _, p := range []string{
		"*", "*/", "*/x", "?/*", "[ab]/x", "*/*", "*//x", "./*", "../*/c", "a/../?", "b*", ".d/*", ".[!.]/*", "*/.h", "*/nowhere", "nowhere/*",
		"c/*", `\**`, "l*/x", "broke*", "broken/*", "[[]u", "*[u", `k*`, "*/x/", "a*/x/../x", dir + "/*/x", "/*/../bin/das*",
	} {
		cmd := exec.Command("dash", "-c", `IFS=; set -- $1; printf '%s\n' "$@"`, "dash", p)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		got := Glob(dir, p)
		if got == nil {
			got = []string{p}
		}
		if want := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, dash has %q", p, got, want)
		}
	}
}
