package word

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"bootrc/sh/syntax"
)

// rows are scripts of assignments, set, unset and show, which prints its arguments
// in brackets. dash, if it is not "", is what dash prints instead, and why is why.
var rows = []struct{ script, want, dash, why string }{
	// quoting
	{script: `show a 'b c' "d  e" f\ g \\ \a ''`, want: `[a][b c][d  e][f g][\][a][]`},
	{script: `show "\a\$\"\\\}" '\' "" x""y`, want: "[\\a$\"\\\\}][\\][][xy]"},
	{script: "show \"\\`\" \\$x", want: "[`][$x]"},
	{script: `show $'a\nb\x41\101\e' "$'a'"`, want: "[a\nbAA\x1b][$'a']", dash: `[$a\nb\x41\101\e][$'a']`, why: "not in dash 0.5.12"},
	{script: `show "${x-it's}" "${x-'a b'}" "${x-'$y'}"`, want: `[it's]['a b']['']`},
	{script: `x="1 +"; show $(($x 2)) $((3 ${y-*} 4))`, want: `[3][12]`},
	{script: `show $(( )); show no`, want: `error`},
	{script: `show ${x!}; show no`, want: `error`},
	{script: `show a{b,c} {1..3} {a,b}`, want: `[a{b,c}][{1..3}][{a,b}]`},

	// field splitting
	{script: `x='a b  c'; show $x "$x" x${x}y`, want: `[a][b][c][a b  c][xa][b][cy]`},
	{script: `x=' a '; show $x "$x"$x x$x`, want: `[a][ a ][a][x][a]`},
	{script: `IFS=:; x=a::b; show $x`, want: `[a][][b]`},
	{script: `IFS=:; x=192.168.0.2::192.168.0.1:255.0.0.0:host::off; show $x`, want: `[192.168.0.2][][192.168.0.1][255.0.0.0][host][][off]`},
	{script: `IFS=:; x=:a:; show $x; x=:; show $x; x=::; show $x`, want: "[][a]\n[]\n[][]"},
	{script: `IFS=' :'; x=' :b : : c:'; show $x`, want: `[][b][][c]`},
	{script: `IFS=' :'; x='a '; y=':b'; show $x$y`, want: `[a][][b]`},
	{script: `IFS=:; x='a '; show $x`, want: `[a ]`},
	{script: `IFS=; x='a b'; show $x`, want: `[a b]`},
	{script: `unset IFS; x='a
b	c'; show $x`, want: `[a][b][c]`},
	{script: `x='a '; show $x"" "" $x`, want: `[a][][][a]`},
	{script: `x=; show $x "$x" $x$x ""$x`, want: `[][]`},
	{script: `show "$IFS"`, want: "[ \t\n]"},
	{script: `IFS=0; show $((101)) "$((101))"`, want: `[1][1][101]`},
	{script: `IFS=:; show a:b ${x-a:b} ${x-"a:b":c} "${x-a:b}"`, want: `[a:b][a][b][a:b][c][a:b]`},
	{script: `IFS=a; x=bab; show $x$(printf 'cac')`, want: `[b][bc][c]`},

	// positional parameters
	{script: `set -- a 'b c' ''; show "$@"; show $@; show "$*"; show $*; show x"$@"y`, want: "[a][b c][]\n[a][b][c]\n[a b c ]\n[a][b][c]\n[xa][b c][y]"},
	{script: `set --; show "$@"; show ""$@; show "$@$x"; show "$*"; show $*`, want: "\n[]\n[]\n[]\n"},
	{script: `set -- a '' b; IFS=-; show "$*" "x$@y" $*; unset IFS; show "$*"; IFS=; show "$*" $*`, want: "[a--b][xa][][by][a][b]\n[a  b]\n[ab][a][b]"},
	{script: `set -- 'a:' '' b; IFS=:; show $@ - x$@y - $*`, want: `[a][b][-][xa][by][-][a][b]`},
	{script: `set -- a b; IFS=:; x=$@; y=$*; show "$x" "$y"`, want: `[a:b][a:b]`},
	{script: `set -- 'a b' c; show ${1+"$@"}; show "${1+"$@"}"; show "${1+$@}"; show "${x-$@}"; show "${x:-"$*"}"`,
		want: "[a b][c]\n[a b][c]\n[a b][c]\n[a b][c]\n[a b c]"},
	{script: `set -- a b c d e f g h i j; show $10 ${10} ${01} $# ${#} ${#10} "$9"0`, want: `[a0][j][a][10][10][1][i0]`},
	{script: `set -- aXb cXd; show ${@%X*} "${@#*X}"`, want: `[a][c][b][d]`, dash: `[aXb][c][b][cXd]`, why: "dash cuts the list, not each parameter: POSIX leaves it open"},

	// ${…}
	{script: `show ${x-a} ${x:-b} "${x-}" ${x+c} ${x-d e} ${x-"f  g"} ${x-h\ i}`, want: `[a][b][][d][e][f  g][h i]`},
	{script: `x=; show ${x-a} ${x:-b} ${x+c} ${x:+d} "${x+e  f}" "${x:+g}"`, want: `[b][c][e  f][]`},
	{script: `show ${x=a b} "$x"; show "${y:=c  d}" "$y" ${z="e  f"}`, want: "[a][b][a b]\n[c  d][c  d][e][f]"},
	{script: `show "${x-\}a}" ${x-\}a} "${x-"}"}" ${x-'}'}`, want: `[}a][}a][}][}]`},
	{script: `show "${x-$(printf '%s' "a  b")}" ${x-${y-${z-c}}}`, want: `[a  b][c]`},
	{script: `x=abc; show ${#x} ${#y} "${#x}"`, want: `[3][0][3]`},
	{script: `x=/a/b/c; show ${x##*/} ${x%/*} ${x%%/*} ${x#*/} ${x#/*/} ${x%x}`, want: `[c][/a/b][a/b/c][b/c][/a/b/c]`},
	{script: `x='a*b?c'; show "${x%'?'*}" "${x%?c}" "${x%"?c"}" "${x#a"*"}" "${x#a\*}" "${x%%[*]*}"`, want: `[a*b][a*b][a*b][b?c][b?c][a]`},
	{script: `x='a*b'; q='*'; show "${x#$q}" "${x##$q}" "${x#a"$q"}" "${x#"$q"}"`, want: `[a*b][][b][a*b]`},
	{script: `x='a}b'; show "${x%\}b}" "${x%"}b"}" ${x%'}b'}`, want: `[a][a][a]`},
	{script: `x=abcabc; show ${x%"${x#?}"} "${x%%c*}" "${x%c*}" "${x##*b}" ${x#} ${x%%}`, want: `[a][ab][abcab][c][abcabc][abcabc]`},
	{script: `set -u; show ${x-a} ${x+b} "$@" $*; show $x; show no`, want: "[a]\nerror"},
	{script: `set -u; show ${#x}`, want: "error"},
	{script: `set -u; show $1`, want: "error"},
	{script: `show ${x?}; show no`, want: "error"},
	{script: `x=; show "${x?a}"; show ${x:?a b}; show no`, want: "[]\nerror"},
	{script: `show ${9=a}`, want: "error"},

	// tildes
	{script: `HOME=/h; show ~ ~/a a~ \~ "~" ~"" '~'/a`, want: `[/h][/h/a][a~][~][~][~][~/a]`},
	{script: `HOME=/h; x=~:~/b:a~:~; show "$x" ${q-~} "${q-~}" ${q-a:~} a:~ x=~`, want: `[/h:/h/b:a~:/h][/h][~][a:~][a:~][x=~]`},
	{script: `HOME='/h *'; show ~; HOME=; show ~ ~/x; unset HOME; show ~`, want: "[/h *]\n[][/x]\n[~]", dash: "[/h *]\n[/x]\n[~]", why: "a tilde is quoted, so that an empty home folder is an empty field"},
	{script: `HOME=/; show ~/x`, want: `[/x]`, dash: `[//x]`, why: "POSIX.1-2024 leaves out one of the slashes"},
	{script: `show ~root ~nosuchuser ~root/x ~ro"ot"`, want: `[/root][~nosuchuser][/root/x][~root]`},
	{script: `HOME=/h; x=a\:~:b=~; show "$x"; y=~$x; show "$y"`, want: "[a:~:b=~]\n[~a:~:b=~]"},

	// substitutions
	{script: `show $(printf 'a b\n\n') "$(printf 'a b\n\nc\n\n')" x$(printf '')`, want: "[a][b][a b\n\nc][x]"},
	{script: "show `printf 'a b'`\"c\" \"`printf \\\"%s\\\" 'a  b'`\"", want: `[a][bc][a  b]`},
	{script: `show "$(printf 'a\0b')"`, want: `[ab]`},
	{script: `x=3; show $((x+1)) $(($x*2)) $((x=7)) $x "$((1<2))" $((-x)) $((y))`, want: `[4][6][7][7][1][-7][0]`},
	{script: `x='1+1'; show $(($x*2)) $((($x)*2))`, want: `[3][4]`},
	{script: `show $((1/0)); show no`, want: `error`},
	{script: `x=abc; show $((x)); show no`, want: `error`},
	{script: `show $((08)); show no`, want: `error`},

	// pathnames
	{script: `show *.c "*.c" \*.c '*'.c a[12] a[!2] nosuch* [ "a"* z`, want: `[a.c][b.c][*.c][*.c][*.c][a1][a2][a1][nosuch*][[][a.c][a1][a2][z]`},
	{script: `x='*.c'; show $x "$x" ${y-*.c} ${y-"*.c"} "${y-*.c}"; y=$x; show "$y"`, want: "[a.c][b.c][*.c][a.c][b.c][*.c][*.c]\n[*.c]"},
	{script: `set -f; show *.c; set +f; show d*/* d*/ */../a.c ./b* nosuch/*`, want: "[*.c]\n[d/x y][d/][d/../a.c][./b.c][nosuch/*]"},
	{script: `show .h* [.]h* ?h* d/?* */x* d//*`, want: `[.h][[.]h*][?h*][d/x y][d/x y][d//x y]`},
	{script: `x='\*.c'; show $x; x='a\1'; show $x; x='a\[1]'; show $x`, want: "[\\*.c]\n[a\\1]\n[a\\[1]]"},
	{script: `show .*`, want: `[.h]`, dash: `[.][..][.h]`, why: "to leave out . and .. is allowed, and what people mean"},
}

func TestRows(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.c", "b.c", "a1", "a2", ".h"} {
		os.WriteFile(dir+"/"+name, nil, 0o644)
	}
	os.Mkdir(dir+"/d", 0o755)
	os.WriteFile(dir+"/d/x y", nil, 0o644)
	for _, row := range rows {
		t.Run(row.script, func(t *testing.T) {
			if got := runHere(t, dir, row.script); got != row.want {
				t.Errorf("here: %s\nwant: %s", got, row.want)
			}
			want := row.want
			if row.why != "" {
				want = row.dash
			}
			if got := runDash(t, dir, row.script); got != want {
				t.Errorf("dash: %s\nwant: %s", got, want)
			}
		})
	}
}

func runDash(t *testing.T, dir, script string) string {
	t.Helper()
	const show = `show() { for i; do printf '[%s]' "$i"; done; echo; }
`
	cmd := exec.Command("dash", "-c", show+script)
	cmd.Dir = dir
	out, err := cmd.Output()
	if _, failed := err.(*exec.ExitError); failed {
		out = append(out, "error"...)
	} else if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func runHere(t *testing.T, dir, script string) string {
	t.Helper()
	s := &state{t: t, dir: dir, variables: map[string]string{"IFS": " \t\n", "HOME": os.Getenv("HOME")}, options: map[byte]bool{}}
	list, err := syntax.ParseAll(script, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range list {
		if err := s.run(command.(*syntax.Simple)); err != nil {
			s.out.WriteString("error")
			break
		}
	}
	return strings.TrimSuffix(s.out.String(), "\n")
}

// state is a shell that knows assignments, set, unset and show.
type state struct {
	t         *testing.T
	dir       string
	variables map[string]string
	params    []string
	options   map[byte]bool
	out       strings.Builder
}

func (s *state) run(call *syntax.Simple) error {
	for _, a := range call.Assigns {
		value, err := Assignment(s, a.Value)
		if err != nil {
			return err
		}
		s.variables[a.Name] = value
	}
	words, err := Command(s, call.Words)
	if err != nil || len(words) == 0 {
		return err
	}
	switch words[0] {
	case "show":
		for _, w := range words[1:] {
			fmt.Fprintf(&s.out, "[%s]", w)
		}
		s.out.WriteByte('\n')
	case "unset":
		delete(s.variables, words[1])
	case "set":
		if words[1] == "--" {
			s.params = words[2:]
		} else {
			s.options[words[1][1]] = words[1][0] == '-'
		}
	default:
		s.t.Fatalf("%s is not known", words[0])
	}
	return nil
}

func (s *state) Variable(name string) (string, bool) { v, ok := s.variables[name]; return v, ok }
func (s *state) Assign(name, value string) error     { s.variables[name] = value; return nil }
func (s *state) Special(name byte) (string, bool)    { return "", false }
func (s *state) Params() []string                    { return s.params }
func (s *state) Dir() string                         { return s.dir }
func (s *state) Option(letter byte) bool             { return s.options[letter] }
func (s *state) Home(user string) (string, bool)     { return "/root", user == "root" }

func (s *state) Substitute(c *syntax.Substitution) (string, error) {
	words, err := Command(s, c.Body[0].(*syntax.Simple).Words)
	if err != nil {
		return "", err
	}
	out, err := exec.Command("dash", append([]string{"-c", `"$@"`, "dash"}, words...)...).Output()
	return string(out), err
}
