package builtin

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// variables are a shell's; those named fixed can't be assigned to.
type variables struct {
	values map[string]string
	fixed  string
	place  *GetOpts
}

func (v variables) Variable(name string) (string, bool) { s, set := v.values[name]; return s, set }
func (v variables) Unset(name string) error             { delete(v.values, name); return nil }
func (v variables) Assign(name, value string) error {
	if name == v.fixed {
		return errors.New("read-only")
	}
	if name == "OPTIND" && v.place != nil {
		*v.place = GetOpts{}
	}
	v.values[name] = value
	return nil
}

func (v variables) show(names ...string) string {
	out := ""
	for _, name := range names {
		value, set := v.values[name]
		if !set {
			value = "unset"
		}
		out += "[" + value + "]"
	}
	return out
}

var readRows = []struct {
	input, ifs, args string
	want             string // the status, x, y, and what is left of the input
	ours             string // why dash differs
}{
	{"a b c\nd", " \t\n", "x y", "0[a][b c]d", ""},
	{"  a  b  c  \n", " \t\n", "x y", "0[a][b  c]", ""},
	{"  a  \n", " \t\n", "x", "0[a][unset]", ""},
	{"  a\\  \n", " \t\n", "x y", "0[a ][]", ""},
	{"a\n", " \t\n", "x y", "0[a][]", ""},
	{"\n", " \t\n", "x y", "0[][]", ""},
	{"", " \t\n", "x y", "1[][]", ""},
	{"a b", " \t\n", "x y", "1[a][b]", ""},
	{" a b ", "", "x", "1[ a b ][unset]", ""},
	{"a:b:\n", ":", "x y", "0[a][b]", ""},
	{"a:b::\n", ":", "x y", "0[a][b::]", ""},
	{"a:b:c:\n", ":", "x y", "0[a][b:c:]", ""},
	{"::b\n", ":", "x y", "0[][:b]", ""},
	{"a::b\n", ":", "x y z", "0[a][]", ""},
	{"  a : b : c :  \n", " :", "x y", "0[a][b : c :]", ""},
	{"a b : \n", " :", "x y", "0[a][b]", ""},
	{"a\\\nb c\\ d e\\f\n", " \t\n", "x y", "0[ab][c d ef]", ""},
	{"a\\:b:c\n", ":", "x y", "0[a:b][c]", ""},
	{"a\\\nb c\n", " \t\n", "-r x y", "0[a\\][]b c\n", ""},
	{"a\\", " \t\n", "-r x y", "1[a\\][]", ""},
	{"a\\ b\n", " \t\n", "-r -- x y", "0[a\\][b]", ""},
	{"a\x00b\n", " \t\n", "x", "0[ab][unset]", ""},
	{"a:b", " \t\n", "-d : x", "0[a][unset]b", "-d is POSIX.1-2024's"},
	{"a\x00b", " \t\n", "-rd '' x", "0[a][unset]b", "-d is POSIX.1-2024's"},
	{"a\n", " \t\n", "-p prompt x", "0[a][unset]", ""},
	{"a\n", " \t\n", "", "2[unset][unset]a\n", ""},
	{"a\n", " \t\n", "1x", "2[unset][unset]a\n", "dash takes the line first"},
	{"a\n", " \t\n", "-q x", "2[unset][unset]a\n", ""},
	{"a b\n", " \t\n", "x fixed", "2[a][unset]", ""},
}

func TestRead(t *testing.T) {
	for _, row := range readRows {
		t.Run(fmt.Sprintf("read %s of %q", row.args, row.input), func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(row.input), struct{ io.Reader }{strings.NewReader(row.input)}} {
				v := variables{values: map[string]string{"IFS": row.ifs}, fixed: "fixed"}
				args := strings.Fields(row.args)
				for i := range args {
					args[i] = strings.Trim(args[i], "'")
				}
				ended, err := Read(v, args, in, io.Discard, false)
				status := "0"
				switch {
				case err != nil:
					status = "2"
				case ended:
					status = "1"
				}
				left, _ := io.ReadAll(in)
				if got := status + v.show("x", "y") + string(left); got != row.want {
					t.Errorf("%T: got %q, want %q", in, got, row.want)
				}
			}
			if row.ours != "" {
				return
			}
			script := `readonly fixed; IFS=$1; read ` + row.args + `; s=$?; IFS=; echo $s"[${x-unset}][${y-unset}]"; cat`
			if got := dash(t, row.input, script, row.ifs); got != row.want {
				t.Errorf("dash: got %q, want %q", got, row.want)
			}
		})
	}
}

// dash returns what a script writes, without the newline of its echo.
func dash(t *testing.T, input, script string, params ...string) string {
	t.Helper()
	cmd := exec.Command("dash", append([]string{"-c", script, "dash"}, params...)...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.Replace(string(out), "]\n", "]", 1)
}

var getoptsRows = []struct{ letters, args, want, ours string }{
	{"ab:c", "-a -b q -cb w -- y", "a[unset]2 b[q]4 c[unset]5 b[w]6 ?[unset]7", "POSIX unsets OPTARG where dash empties or keeps it"},
	{"ab", "", "?[unset]1", ""},
	{"ab", "x -a", "?[unset]1", ""},
	{"ab", "- -a", "?[unset]1", ""},
	{"ab", "-- -a", "?[unset]2", ""},
	{"a:", "-abc", "a[bc]2 ?[unset]2", "see above"},
	{"a:", "-a -b", "a[-b]3 ?[unset]3", "see above"},
	{":a", "-z", "?[z]2 ?[unset]2", "see above"},
	{":a:", "-a", ":[a]2 ?[unset]2", "see above"},
	{"a", "-z", "?[unset]2 ?[unset]2", ""},
	{"a:", "-a", "?[unset]2 ?[unset]2", ""},
	{"a", "-:", "?[unset]2 ?[unset]2", ""},
	{"a", "-?", "?[unset]2 ?[unset]2", ""},
}

func TestGetOpts(t *testing.T) {
	for _, row := range getoptsRows {
		t.Run(row.letters+" of "+row.args, func(t *testing.T) {
			g := new(GetOpts)
			v := variables{values: map[string]string{"OPTIND": "1"}, place: g}
			var out []string
			for found := true; found; {
				var err error
				found, err = g.Next(v, []string{row.letters, "x"}, strings.Fields(row.args), io.Discard, "")
				if err != nil {
					t.Fatal(err)
				}
				optarg, set := v.values["OPTARG"]
				if !set {
					optarg = "unset"
				}
				out = append(out, v.values["x"]+"["+optarg+"]"+v.values["OPTIND"])
			}
			if got := strings.Join(out, " "); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if row.ours != "" {
				return
			}
			script := `f() { echo "$x[${OPTARG-unset}]$OPTIND"; }; while getopts ` + row.letters + ` x; do f; done; f`
			got := strings.Join(strings.Fields(dash(t, "", script, strings.Fields(row.args)...)), " ")
			if got = strings.ReplaceAll(got, "]2?", "]2 ?"); got != row.want {
				t.Errorf("dash: got %q, want %q", got, row.want)
			}
		})
	}
}

// OPTIND=1 begins anew, also within an argument.
func TestGetOptsAgain(t *testing.T) {
	g := new(GetOpts)
	v := variables{values: map[string]string{"OPTIND": "1"}, place: g}
	var out []string
	for i := range 4 {
		if i == 1 {
			v.Assign("OPTIND", strconv.Itoa(1))
		}
		if _, err := g.Next(v, []string{"ab", "x", "-ab"}, nil, io.Discard, ""); err != nil {
			t.Fatal(err)
		}
		out = append(out, v.values["x"])
	}
	if got := strings.Join(out, " "); got != "a a b ?" {
		t.Error(got)
	}
}

func TestGetOptsFaults(t *testing.T) {
	for _, args := range [][]string{nil, {"a"}, {"a", "1x", "-a"}, {"a", "fixed", "-a"}} {
		v := variables{values: map[string]string{}, fixed: "fixed"}
		if _, err := new(GetOpts).Next(v, args, nil, io.Discard, ""); err == nil {
			t.Errorf("getopts %q is no error", args)
		}
	}
	var messages strings.Builder
	new(GetOpts).Next(variables{values: map[string]string{}}, []string{"a", "x", "-z"}, nil, &messages, "s: line 3: ")
	if got := messages.String(); got != "s: line 3: -z is no option\n" {
		t.Errorf("%q", got)
	}
}
