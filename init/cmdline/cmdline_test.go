package cmdline

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"bootrc/kit/command"
	"bootrc/sh/run"
	"bootrc/sh/syntax"
	"bootrc/test/bound"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		line string
		want []Arg
		err  string
	}{
		{"", nil, ""},
		{"quiet console=ttyS0\n", []Arg{{"quiet", "", false}, {"console", "ttyS0", true}}, ""},
		{`b2c.run="a b"`, []Arg{{"b2c.run", "a b", true}}, ""},
		{`"b2c.run=a b"`, []Arg{{"b2c.run", "a b", true}}, ""},
		{`b2c.r"un=a "b`, []Arg{{"b2c.run", "a b", true}}, ""},
		{`b2c.run='a b'`, []Arg{{"b2c.run", "'a", true}, {"b'", "", false}}, ""},
		{`b2c.run="sh -c 'echo \"x y\"'"`, []Arg{{"b2c.run", `sh -c 'echo "x y"'`, true}}, ""},
		{"b2c.run=\"a\nb\tc\"\tnext", []Arg{{"b2c.run", "a\nb\tc", true}, {"next", "", false}}, ""},
		{`a=\n b=c\"`, []Arg{{"a", `\n`, true}}, `argument "b": a double quote is not closed: write b="…"`},
		{`a= b==c =d`, []Arg{{"a", "", true}, {"b", "=c", true}, {"", "d", true}}, ""},
		{`a "b2c.run=never closed`, []Arg{{"a", "", false}}, `argument "b2c.run": a double quote is not closed: write b2c.run="…"`},
		{`a "\`, []Arg{{"a", "", false}}, `argument "\\": a double quote is not closed: write \="…"`},
	} {
		got, err := Split(tt.line)
		if !reflect.DeepEqual(got, tt.want) || errorText(err) != tt.err {
			t.Errorf("Split(%q) = %+v, %q; want %+v, %q", tt.line, got, errorText(err), tt.want, tt.err)
		}
	}
}

// A # that begins a word begins a comment where a person writes arguments, and not on the kernel's line.
func TestComments(t *testing.T) {
	for text, want := range map[string]string{
		"# a\nb2c.run=b":              "b",
		"b2c.run=a # b2c.run=b\n\t#c": "a",
		"b2c.run=a#b":                 "a#b",
		"b2c.run=\"a\n# b\n\"":        "a\n# b\n",
		`b2c.run="a \" # b"#c`:        `a " # b#c`,
		"#":                           "",
		"b2c.run=a\x00#b2c.run=b":     "a",
	} {
		line, err := Parse(text)
		if got := strings.Join(line.Values("b2c.run"), "|"); got != want || err != nil {
			t.Errorf("%q: run %q, %v; want %q", text, got, err, want)
		}
	}
	if line, err := ParseKernel("# b2c.run=a"); len(line.Values("b2c.run")) != 1 || err != nil {
		t.Errorf("on the kernel's line: %q, %v", line.Values("b2c.run"), err)
	}
}

// A kernel's line that is as long as one can be was cut, as far as anybody can tell.
func TestCutLine(t *testing.T) {
	limit := limits[runtime.GOARCH]
	for length, cut := range map[int]bool{limit - 1: false, limit: true} {
		line, err := ParseKernel(strings.Repeat("x", length) + "\n")
		if err != nil || cut != (len(line.Warnings) == 1) {
			t.Errorf("%d bytes: %q, %v", length, line.Warnings, err)
		}
	}
}

func TestVariables(t *testing.T) {
	for _, tt := range []struct {
		line, name, want string
	}{
		{"", "b2c_run", ""},
		{"", "b2c_hostname", "boot2container"},
		{"b2c.run=a b2c.container=b", "b2c_run", "'a' 'b'"},
		{`b2c.run="it's"`, "b2c_run", `'it'"'"'s'`},
		{"b2c.hostname=one b2c.hostname=two", "b2c_hostname", "two"},
		{"b2c.hostname=", "b2c_hostname", ""},
		{"b2c.pipefail", "b2c_pipefail", "1"},
		{"b2c.pipefail=1 b2c.pipefail=off", "b2c_pipefail", ""},
		{"b2c.trace", "b2c_trace", "1"},
		{"b2c.trace=run,network", "b2c_trace", "run,network"},
		{"nameserver=192.0.2.1 ip=dhcp bond ip=eth0:dhcp b2c.run=a", "network", "'ip=dhcp' 'ip=eth0:dhcp' 'bond' 'nameserver=192.0.2.1'"},
		{"BOOTIF=01-52-54-00-12-34-56", "BOOTIF", "01-52-54-00-12-34-56"},
		{"PATH=/evil LD_PRELOAD=x SALAD.machine_id=4", "PATH", ""},
		{"PATH=/evil LD_PRELOAD=x SALAD.machine_id=4", "SALAD_machine_id", ""},
	} {
		l, err := Parse(tt.line)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.line, err)
		}
		if got := variables(l)[tt.name]; got != tt.want {
			t.Errorf("Parse(%q): %s is %q, want %q", tt.line, tt.name, got, tt.want)
		}
	}
}

func TestBadLine(t *testing.T) {
	for _, tt := range []struct {
		line, err, warning string
	}{
		{"b2c.run", "argument b2c.run: a value is missing: b2c.run=[OPTIONS] IMAGE [COMMAND…]", ""},
		{"b2c.pipefail=maybe", "argument b2c.pipefail=maybe: a flag is 1 or 0", ""},
		{"b2c.run=a\xff", `argument b2c.run: the value is not UTF-8`, ""},
		{`b2c.run="x`, `argument "b2c.run": a double quote is not closed: write b2c.run="…"`, ""},
		{"b2c.runn=x", "", `unknown argument "b2c.runn" is ignored; did you mean "b2c.run"?`},
		{"b2c.on-crash=x", "", `unknown argument "b2c.on-crash" is ignored; did you mean "b2c.on_crash"?`},
		{"b2c.whatever_else", "", `unknown argument "b2c.whatever_else" is ignored`},
		{"SALAD.machine_id=1 console=ttyS0", "", ""},
		{"b2c.run='docker://x echo'", "", `argument b2c.run: a single quote quotes nothing on the kernel's command line: write b2c.run="…"`},
		{`b2c.run="'docker://x' echo hi"`, "", ""},
	} {
		l, err := Parse(tt.line)
		if got := errorText(err); got != tt.err {
			t.Errorf("Parse(%q): error %q, want %q", tt.line, got, tt.err)
		}
		if got := strings.Join(l.Warnings, "\n"); got != tt.warning {
			t.Errorf("Parse(%q): warnings %q, want %q", tt.line, got, tt.warning)
		}
	}
}

// The goodness of an argument that precedes a broken one must survive: the boot
// reads on_crash and the like from a line that it rejects.
func TestParseKeepsWhatIsWhole(t *testing.T) {
	l, err := Parse(`b2c.on_crash=shell b2c.run="x`)
	if err == nil || l.Value("b2c.on_crash") != "shell" {
		t.Errorf("on_crash is %q with error %v", l.Value("b2c.on_crash"), err)
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range Table {
		names := append([]string{a.Name}, a.Old...)
		if a.Kind != Word && a.Variable() != a.Name {
			names = append(names, a.Variable())
		}
		for _, name := range names {
			if seen[name] {
				t.Errorf("%s: the name %s stands twice in the table", a.Name, name)
			}
			seen[name] = true
		}
		if a.Help == "" || a.Kind != Flag && a.Values == "" {
			t.Errorf("%s: no help", a.Name)
		}
		if !syntax.IsName(a.Variable()) {
			t.Errorf("%s: %s is no name of a variable", a.Name, a.Variable())
		}
	}
}

// FuzzSplit holds what the grammar promises for every input: nothing but quotes,
// separators and the backslashes of \" is lost, and the words of a list arrive
// in the shell as they were given.
func FuzzSplit(f *testing.F) {
	f.Add(`b2c.run="-e A=\"x y\" img sh -c 'it'" b2c.run=b quiet`)
	f.Add("b2c.run=\"two\nlines\" \x00 b2c.run=$(reboot)`x`")
	f.Add(`b2c.run='`)
	f.Fuzz(func(t *testing.T, line string) {
		bound.Input(t, len(line))
		args, err := Split(line)
		if strings.Count(line, `"`)%2 == 0 && !strings.Contains(line, `\"`) && err != nil {
			t.Fatalf("Split(%q): %v", line, err)
		}
		for _, a := range args {
			if strings.ContainsAny(a.Name, "=") {
				t.Fatalf("Split(%q): name %q", line, a.Name)
			}
		}
		l, _ := Parse(line)
		checkShellWords(t, l.Values("b2c.run"), variables(l)["b2c_run"])
	})
}

func checkShellWords(t *testing.T, want []string, variable string) {
	for _, w := range want {
		// a NUL can be in no shell variable, and ends none of the kernel's lines
		if strings.ContainsAny(w, "\x00") {
			return
		}
	}
	var got []string
	shell, err := run.New(run.Config{Name: "test", Env: append(os.Environ(), "list="+variable), Stderr: t.Output(),
		Lookup: func(name string) (command.Command, bool) {
			return command.Command{Name: name, Operands: "[WORD…]", Literal: true, Run: func(_ context.Context, call *command.Call) error {
				if call.Name != "got" {
					return fmt.Errorf("ran %q", call.Name)
				}
				got = call.Args
				return nil
			}}, true
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer shell.Close()
	if r := shell.Run(t.Context(), syntax.Text(`eval "set -- $list"; got "$@"`), 1); r.Status != 0 {
		t.Fatalf("%q: status %d", variable, r.Status)
	}
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("the shell got %q, want %q", got, want)
	}
}

func variables(l *Line) map[string]string {
	m := map[string]string{}
	l.Variables(func(name, value string) { m[name] = value })
	return m
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReferenceIsFresh(t *testing.T) {
	var page strings.Builder
	if err := WriteMarkdown(&page); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../docs/kernel-arguments.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != page.String() {
		t.Error("docs/kernel-arguments.md is stale: go generate ./init/cmdline")
	}
}
