package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample has an option of each kind, and prints how it was called.
func sample() Command {
	return Command{
		Name: "sample", Summary: "print how it was called", Operands: "FILE [OTHER]",
		Options: []Option{
			{Names: "-a, --all", Help: "take all"},
			{Names: "-r, -R, --recursive", Help: "go into folders"},
			{Names: "-br, -brief", Help: "be brief"},
			{Names: "--verify", Default: "true", Help: "check what comes"},
			{Names: "-n, --lines", Value: "LINES", Kind: Count, Default: "10", Help: "print that many lines"},
			{Names: "-d, --delimiter", Value: "CHAR", Help: "part fields at CHAR"},
			{Names: "-e, --expression", Value: "TEXT", Kind: List, Help: "look for TEXT, too"},
			{Names: "--words", Value: "WORD", Kind: Commas, Help: "print WORD",
				Check: func(value string) error {
					if strings.Contains(value, "?") {
						return errors.New("expected no question")
					}
					return nil
				}},
			{Names: "--limit", Value: "SIZE", Kind: Size, Help: "stop after SIZE bytes"},
			{Names: "-t, --timeout", Value: "SECONDS", Kind: Seconds, Default: "5", Help: "wait no longer"},
			{Names: "--color", Value: "on|off", Kind: Choice, Default: "off", Help: "use colours"},
			{Names: "--creds", Value: "USER:PASSWORD", Help: "log in",
				Check: func(value string) error {
					if !strings.Contains(value, ":") {
						return errors.New("expected USER:PASSWORD")
					}
					return nil
				},
				Secret: func(value string) []string { _, password, _ := strings.Cut(value, ":"); return []string{password} }},
		},
		Run: func(_ context.Context, c *Call) error {
			c.Printf("all=%t recursive=%t brief=%t verify=%t lines=%d delimiter=%q expressions=%q words=%q limit=%d timeout=%v color=%s %q",
				c.Flag("all"), c.Flag("recursive"), c.Flag("br"), c.Flag("verify"), c.Count("lines"), c.Text("delimiter"),
				c.List("expression"), c.List("words"), c.Size("limit"), c.Seconds("timeout"), c.Text("color"), c.Args)
			return nil
		},
	}
}

func run(t *testing.T, c Command, args ...string) (status Status, stdout, stderr string) {
	var out, complaints bytes.Buffer
	status = c.Execute(t.Context(), &Call{Name: c.Name, Args: args, Stdout: &out, Stderr: &complaints})
	return status, out.String(), complaints.String()
}

func TestOptionsAreParsedAsGetoptDoes(t *testing.T) {
	const plain = `all=false recursive=false brief=false verify=true lines=10 delimiter="" expressions=[] words=[] limit=0 timeout=5s color=off ["f"]`
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(plain) }
	for args, want := range map[string]string{
		"f":                                plain,
		"-- f":                             plain,
		"-a f":                             change("all=false", "all=true"),
		"f -a":                             change("all=false", "all=true"),
		"-aR f":                            change("all=false", "all=true", "recursive=false", "recursive=true"),
		"-a=false f":                       plain,
		"-Ra=true f":                       change("all=false", "all=true", "recursive=false", "recursive=true"),
		"-br f":                            change("brief=false", "brief=true"),
		"-brief f":                         change("brief=false", "brief=true"),
		"--verify=false f":                 change("verify=true", "verify=false"),
		"-n5 f":                            change("lines=10", "lines=5"),
		"-an 5 f":                          change("all=false", "all=true", "lines=10", "lines=5"),
		"--lines 5 f":                      change("lines=10", "lines=5"),
		"--lines=5 f":                      change("lines=10", "lines=5"),
		"-n 5 -n 6 f":                      change("lines=10", "lines=6"),
		"-d= f":                            change(`delimiter=""`, `delimiter="="`),
		"-d -a f":                          change(`delimiter=""`, `delimiter="-a"`),
		"-ex f --expression=":              change("expressions=[]", `expressions=["x" ""]`),
		"--words a,b --words= f --words c": change("words=[]", `words=["a" "b" "" "c"]`),
		"--limit 2K f":                     change("limit=0", "limit=2048"),
		"-t 1.5m f":                        change("timeout=5s", "timeout=1m30s"),
		"--color=on f":                     change("color=off", "color=on"),
		"f -- -a":                          change(`["f"]`, `["f" "-a"]`),
		"f -":                              change(`["f"]`, `["f" "-"]`),
	} {
		status, stdout, stderr := run(t, sample(), strings.Fields(args)...)
		if status != 0 || stdout != want || stderr != "" {
			t.Errorf("%s: status %d, %s %s\nwant %s", args, status, stdout, stderr, want)
		}
	}
}

func TestWrongCallSaysWhatWasExpected(t *testing.T) {
	const usage = "usage: sample [OPTION…] FILE [OTHER]\n"
	for args, want := range map[string]string{
		"":                "expected at least 1 operand, got 0",
		"1 2 3":           "expected at most 2 operands, got 3",
		"-x f":            "unknown option -x",
		"--x=secret f":    "unknown option --x",
		"f -n":            "-n: expected LINES",
		"f --lines":       "--lines: expected LINES",
		"-n x f":          `-n: expected a whole number from 0 on, got "x"`,
		"--all=x f":       `--all: expected true or false, got "x"`,
		"--limit lots f":  `--limit: "lots" is not a size: give bytes, or a number with K, M or G`,
		"-t soon f":       `-t: "soon" is not a time: give seconds, such as 0.5, or a number with m, h or d`,
		"--words a,b? f":  "--words: expected no question",
		"--color=green f": `--color: expected on or off, got "green"`,
		"--creds=me f":    "--creds: expected USER:PASSWORD",
	} {
		status, stdout, stderr := run(t, sample(), strings.Fields(args)...)
		if want := "sample: " + want + "\n" + usage; status != 2 || stdout != "" || stderr != want {
			t.Errorf("%q: status %d, %q, %q; want 2, nothing and %q", args, status, stdout, stderr, want)
		}
	}
}

// store has verbs, one of them with verbs of its own.
func store() Command {
	said := func(text string) func(context.Context, *Call) error {
		return func(_ context.Context, c *Call) error {
			c.Printf("%s %t %q", text, c.Flag("4"), c.Args)
			return nil
		}
	}
	return Command{
		Name: "store", Summary: "keep things", Abbreviated: true, Options: []Option{{Names: "-4", Help: "only IPv4"}},
		Verbs: []Command{
			{Name: "create", Summary: "make one", Operands: "NAME", Run: said("create"),
				Options: []Option{{Names: "-s, --size", Value: "SIZE", Kind: Size, Required: true, Help: "make it of SIZE bytes"}}},
			{Name: "alias", Summary: "keep names", Run: said("alias"), Verbs: []Command{
				{Name: "ls", Summary: "list them", Run: said("alias ls")},
				{Name: "copy", Summary: "run something", Operands: "COMMAND [ARGUMENT…]", OptionsFirst: true, Run: said("alias copy")},
			}},
		},
	}
}

func TestVerbs(t *testing.T) {
	for args, want := range map[string]string{
		"create -s 1K x":          `create false ["x"]`,
		"-4 c x -s1":              `create true ["x"]`,
		"alias":                   `alias false []`,
		"alias ls":                `alias ls false []`,
		"-4 a copy true -4 --xyz": `alias copy true ["true" "-4" "--xyz"]`,
	} {
		if status, stdout, stderr := run(t, store(), strings.Fields(args)...); status != 0 || stdout != want || stderr != "" {
			t.Errorf("%s: status %d, %s %s, want %s", args, status, stdout, stderr, want)
		}
	}
	const all = "usage: store create -s SIZE NAME\n       store alias\n       store alias ls\n       store alias copy COMMAND [ARGUMENT…]\n"
	for args, want := range map[string]string{
		"":              "expected create or alias\n" + all,
		"sell":          "expected create or alias, got \"sell\"\n" + all,
		"create":        "expected -s SIZE\nusage: store create -s SIZE NAME\n",
		"create -s 1":   "expected 1 operand, got 0\nusage: store create -s SIZE NAME\n",
		"create -4":     "unknown option -4\nusage: store create -s SIZE NAME\n",
		"alias copy -x": "unknown option -x\nusage: store alias copy COMMAND [ARGUMENT…]\n",
		"alias copy":    "expected 1 operand or more, got 0\nusage: store alias copy COMMAND [ARGUMENT…]\n",
		"alias ls x":    "expected no operand, got 1\nusage: store alias ls\n",
	} {
		if status, _, stderr := run(t, store(), strings.Fields(args)...); status != 2 || stderr != "store: "+want {
			t.Errorf("%q: status %d, %q; want %q", args, status, stderr, want)
		}
	}
}

func TestHelp(t *testing.T) {
	const create = "usage: store create -s SIZE NAME\n\nmake one\n\n  -s, --size SIZE  make it of SIZE bytes\n"
	for _, args := range [][]string{{"create", "--help"}, {"create", "-h"}, {"create", "x", "--help"}} {
		if status, stdout, stderr := run(t, store(), args...); status != 0 || stdout != create || stderr != "" {
			t.Errorf("%q: status %d, %q, %q; want %q", args, status, stdout, stderr, create)
		}
	}
	var out bytes.Buffer
	if rest := store().PrintHelp(&out, []string{"create", "cat"}); out.String() != create || !slices.Equal(rest, []string{"cat"}) {
		t.Errorf("PrintHelp: %q, and %q is left", out.String(), rest)
	}
	status, stdout, _ := run(t, sample(), "-h")
	for _, line := range []string{
		"  -a, --all              take all\n",
		"  --verify               check what comes (the default; =false: not)\n",
		"  -n, --lines LINES      print that many lines (default: 10)\n",
	} {
		if status != 0 || !strings.Contains(stdout, line) {
			t.Errorf("status %d, no line %q in\n%s", status, line, stdout)
		}
	}
}

func TestLiteralTakesEveryWord(t *testing.T) {
	say := Command{Name: "say", Summary: "say it", Operands: "TEXT…", Literal: true, Run: func(_ context.Context, c *Call) error {
		c.Printf("%q", c.Args)
		return nil
	}}
	for args, want := range map[string]string{
		"-x -- --help": `["-x" "--" "--help"]`,
		"--help":       "usage: say TEXT…\n\nsay it\n",
	} {
		if status, stdout, _ := run(t, say, strings.Fields(args)...); status != 0 || stdout != want {
			t.Errorf("%s: status %d, %q, want %q", args, status, stdout, want)
		}
	}
}

func TestSomeWordsWithADashAreOperands(t *testing.T) {
	add := Command{Name: "add", Operands: "NUMBER…", Options: []Option{{Names: "-x"}},
		IsOperand: func(word string) bool { return strings.Trim(word, "-0123456789") == "" },
		Run: func(_ context.Context, c *Call) error {
			c.Printf("%t %q", c.Flag("x"), c.Args)
			return nil
		}}
	for args, want := range map[string]string{"-1 -x 2": `true ["-1" "2"]`, "-1 -- -x": `false ["-1" "-x"]`} {
		if status, stdout, _ := run(t, add, strings.Fields(args)...); status != 0 || stdout != want {
			t.Errorf("%s: status %d, %q, want %q", args, status, stdout, want)
		}
	}
}

func TestExitStatuses(t *testing.T) {
	for _, tt := range []struct {
		err    error
		misuse uint8
		status Status
		stderr string
	}{
		{nil, 0, 0, ""},
		{errors.New("no"), 0, 1, "x: no\n"},
		{Status(3), 0, 3, ""},
		{fmt.Errorf("of another: %w", Status(3)), 0, 3, ""},
		{&Failure{32, errors.New("busy")}, 0, 32, "x: busy\n"},
		{fmt.Errorf("mount: %w", &Failure{32, errors.New("busy")}), 0, 32, "x: mount: busy\n"},
		{errors.Join(errors.New("no"), errors.New("neither")), 0, 1, "x: no\n  neither\n"},
		{errors.New("no\n[3.65]: over\r\x1b[2J"), 0, 1, "x: no\n  [3.65]: over\\r\\x1b[2J\n"},
		{Usagef("no"), 0, 2, "x: no\nusage: x\n"},
		{Usagef("no"), 125, 125, "x: no\nusage: x\n"},
	} {
		c := Command{Name: "x", Misuse: tt.misuse, Run: func(context.Context, *Call) error { return tt.err }}
		if status, _, stderr := run(t, c); status != tt.status || stderr != tt.stderr {
			t.Errorf("%v: status %d, %q; want %d, %q", tt.err, status, stderr, tt.status, tt.stderr)
		}
	}
}

func TestUndeclaredOptionsPanic(t *testing.T) {
	for what, use := range map[string]func(*Call){
		"another name": func(c *Call) { c.Flag("none") },
		"another kind": func(c *Call) { c.Text("lines") },
		"a flag":       func(c *Call) { c.Text("all") },
	} {
		c := sample()
		c.Run = func(_ context.Context, call *Call) error {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			use(call)
			return nil
		}
		run(t, c, "f")
	}
}

func TestComplete(t *testing.T) {
	for _, tt := range []struct{ before, word, offers, expected string }{
		{"", "", "", "FILE"},
		{"f", "", "", "OTHER"},
		{"f g", "", "", ""},
		{"-n", "", "", "LINES"},
		{"-an", "", "", "LINES"},
		{"--color", "o", "on off", ""},
		{"--color", "of", "off", ""},
		{"f", "--l", "--lines --limit", ""},
		{"--bad", "", "", ""},
	} {
		offers, expected := sample().Complete(strings.Fields(tt.before), tt.word)
		if strings.Join(offers, " ") != tt.offers || expected != tt.expected {
			t.Errorf("%s|%s: %q, %q; want %q, %q", tt.before, tt.word, offers, expected, tt.offers, tt.expected)
		}
	}
	for before, want := range map[string]string{"": "create alias ", "create": " NAME", "alias copy": " COMMAND", "alias copy a b": " ARGUMENT", "sell": " "} {
		offers, expected := store().Complete(strings.Fields(before), "")
		if got := strings.Join(offers, " ") + " " + expected; got != want {
			t.Errorf("%s: %q, want %q", before, got, want)
		}
	}
}

func TestSecrets(t *testing.T) {
	outer := Command{Name: "outer", Verbs: []Command{sample()}}
	for _, args := range []string{"--creds me:s3cret f", "--creds=me:s3cret --bad", "f --creds me:s3cret"} {
		for _, got := range [][]string{sample().Secrets(strings.Fields(args)), outer.Secrets(append([]string{"sample"}, strings.Fields(args)...))} {
			if !slices.Equal(got, []string{"s3cret"}) {
				t.Errorf("%s: %q", args, got)
			}
		}
	}
}

func TestGivenKeepsTheOrder(t *testing.T) {
	c := sample()
	c.Run = func(_ context.Context, call *Call) error {
		var got []string
		for name, value := range call.Given("expression", "delimiter") {
			got = append(got, name+"="+value)
		}
		if want := []string{"expression=a", "delimiter=b", "expression=c"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if !call.Has("delimiter") || call.Has("lines") {
			t.Error("Has does not tell what was given")
		}
		if err := call.Wrong("lines", errors.New("no")); err.Error() != "-n: no" {
			t.Errorf("Wrong: %v", err)
		}
		return nil
	}
	run(t, c, "-e", "a", "-d", "b", "-e", "c", "f")
}

func TestDefaultsAreValues(t *testing.T) {
	c := sample()
	c.Run = func(_ context.Context, call *Call) error {
		if call.Count("lines") != 10 || call.Seconds("timeout") != 5*time.Second || call.Text("color") != "off" {
			t.Error("a default is not its value")
		}
		return nil
	}
	run(t, c, "f")
}
