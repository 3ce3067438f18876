package run

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/kit/command"
	"bootrc/sh/syntax"
	"bootrc/sh/tools"
)

// output is written by several parts of a script.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// kill is the one command that is no builtin and needs the shell to know what it kills.
func kill(name string) (command.Command, bool) {
	commands := tools.Commands()
	i := slices.IndexFunc(commands, func(c command.Command) bool { return c.Name == name })
	if name != "kill" || i < 0 {
		return command.Command{}, false
	}
	return commands[i], true
}

// ours runs a script in this process.
func ours(t *testing.T, dir, script string) (out, errOut string, status int) {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var stdout, stderr output
	sh, err := New(Config{Name: "sh", Dir: dir, Env: []string{"PATH=/usr/bin:/bin", "HOME=/home"}, Stdin: null, Stdout: &stdout, Stderr: &stderr, Lookup: kill})
	if err != nil {
		t.Fatal(err)
	}
	defer sh.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	result := sh.Run(ctx, syntax.Text(script), 1)
	sh.ResetTraps()
	return stdout.String(), stderr.String(), result.Status
}

// The scripts mean what they mean in the real shell: output, status, and whether there is an
// error.
func TestAsInTheRealShell(t *testing.T) {
	for _, script := range []string{
		// descriptors
		"exec 3>f; echo a >&3; echo b >&3; exec 3>&-; cat f; echo c >&3",
		"echo a >f; exec 4<f; read x <&4; echo $x; read y <&4; echo $?",
		"echo abc >f; exec 5<>f; read x <&5; echo x >&5; cat f",
		"exec 3>&1 >f; echo to f; echo to out >&3; cat f >&3",
		"f() { echo out; echo err >&2; }; f 3>&1 1>&2 2>&3 3>&- 2>/dev/null | cat",
		"set -C; echo a >f; echo b >f; echo $?; echo c >|f; cat f; echo d >>f; cat f; echo e >/dev/null; echo $?",
		"{ echo a; echo b >&2; } >f 2>&1; cat f; while read l; do echo \"<$l>\"; done <f",
		"echo a >/no/such/f; echo $?; cat </no/such/f; echo $?; : </no/such/f; echo never",
		"command : </no/such/f; echo $?; (exec </no/such/f; echo never); echo $?",
		"cat <&- ; echo x >&9; echo $?; echo y 2>&-; ls /no/such 2>&-; echo $?",
		"cat <<A; cat <<'B'; cat <<-C\n$((1+1)) $HOME `echo c`\nA\n$HOME\nB\n\tx\n\tC\necho $?",
		"x=$(cat <<E\na\nE\n); echo \"$x\"; head -n1 <<E\n$(i=0; while [ $i -lt 9000 ]; do echo line $i; i=$((i+1)); done)\nE",
		// set -e
		"set -e; f() { false; echo in f; }; if f; then echo yes; fi; f || echo no; ! f; while f; do break; done; echo on; f; echo never",
		"set -e; (false; echo never) || echo x; (false; echo never); echo never",
		"set -e; { false; echo a; } && echo b; false && true; echo c; true | false | true; echo d; true | false; echo never",
		"set -e; x=$(false; echo kept); echo never", "set -e; echo $(false; echo kept); x=$(exit 3) || echo $?; for i in 1 2; do [ $i = 1 ] && continue; echo $i; done; echo e",
		"set -e; eval 'false'; echo never", "set -e; trap 'echo end $?' EXIT; false", "set -e; case x in x) false ;; esac; echo never",
		"set -e; f() { return 3; }; f || echo $?; f; echo never", "set -e; if false; then :; elif false; then :; else echo else; fi; until true; do :; done; echo z",
		// pipes
		"while :; do echo y; done | head -n1; echo $?", "f() { while :; do printf 'z\\n'; done; }; f | { read a; echo $a; }",
		"exit 3 | exit 4; echo $?; ! true | false; echo $?; ! true; echo $?", "x=1; echo a | { read x; echo $x; }; echo $x; cd / | :; pwd >/dev/null; echo b | cat | cat",
		"seq 1000 | while read n; do [ $n = 3 ] && { echo three; break; }; done; echo $?", "{ echo a; exit 5; } | cat; echo $?; (exit 6) | (exit 7); echo $?",
		// traps
		"trap 'echo bye $?' EXIT; (exit 3)", "trap 'echo bye $?; exit 9' EXIT; exit 3", "trap 'echo t' USR1; kill -USR1 $$; echo on $?; trap; trap - USR1; trap",
		"trap 'echo out' EXIT; (trap 'echo in' EXIT; echo sub); echo $(trap 'echo end' EXIT; echo x)", "trap '' TERM; kill -TERM $$; echo on; (kill -TERM $$; echo sub); trap",
		"trap 'x=$?; echo $x; false' USR1; (exit 4); kill -USR1 $$; echo $?", "f() { trap 'echo in trap; return 7' USR1; kill -USR1 $$; echo after; }; f; echo $?",
		"trap 'echo a' EXIT; trap 'echo b' 0; trap - 0; trap 'echo c' EXIT", "trap 'echo x' NOSUCH; echo $?; trap 'echo y' INT HUP; trap; trap -- - INT; trap",
		// background
		"sleep 100 & kill $!; wait $! 2>/dev/null; echo $?", "(exit 3) & wait $!; echo $?; wait $!; echo $?; wait 999999; echo $?; wait; echo $?",
		"{ sleep 0.1; echo late; exit 4; } & echo first; wait $!; echo $?", "x=1; { x=2; echo $x; } & wait; echo $x", "f() { sleep 30 >/dev/null 2>&1; }; f & kill $!; wait $! 2>/dev/null; echo $?",
		"(trap 'echo got; exit 3' TERM; while :; do sleep 0.05; done) & sleep 0.3; kill $!; wait $! 2>/dev/null; echo $?", "while :; do sleep 0.05; done & p=$!; kill -9 $p; wait $p 2>/dev/null; echo $?",
		"cat & wait; echo a | { cat & wait; }; echo end", "kill -0 $$; echo $?; sleep 100 & kill -0 $!; echo $?; kill $!; wait $!; kill -0 $!; echo $?",
		"trap 'echo trapped' USR1; (sleep 0.2; kill -USR1 $$; sleep 0.5) & wait $!; echo $?", "a=$(echo x & wait); echo $a; (echo sub & wait); jobs",
		"( sleep 30 >/dev/null 2>&1; kill $$ ) & w=$!; kill $w; wait $w 2>/dev/null; echo timeout cancelled", "mkfifo p; echo foo >p & cat p; wait $!; echo $?",
		// errors that end a script, and those that do not
		"eval 'if'; echo never", "command eval 'if'; echo $?", ". /no/such; echo never", "readonly r=1; r=2; echo never", "(readonly r=1; r=2; echo never); echo $?",
		"echo ${x:?gone}; echo never", "(echo ${x:?}); echo $?", "set -u; echo $x; echo never", "shift 5; echo never", "export 1=2; echo never", "set -Q; echo never",
		"command shift 5; echo $?", "break 2; continue; echo on", "return 3; echo never", "exit 300", "f() { return 5; }; f; echo $?; unset -f f; f; echo $?", "echo $((1/0)); echo never",
		"/no/such; echo $?; nosuchcommand; echo $?; ./; echo $?; echo x >f; ./f; echo $?", "cd /no/such; echo $?; echo on", "echo $((08)); echo never",
		// special builtins, assignments
		"a=1 :; echo $a; b=2 true; echo [$b]; c=3 eval 'echo $c'; echo $c; f() { echo $d; }; d=4 f; e=5 sh -c 'echo $e'; echo [$e]",
		"V=1 export W=2; echo $V$W; x=5 readonly y=6; echo $x$y; unset x y; echo $x", "set a 'b c' d; echo $#; set --; echo $#; set -- -x; echo $1; shift; echo $#",
		"i=0; while [ $i -lt 5 ]; do i=$((i+1)); for j in 1 2; do [ $i = 2 ] && continue 2; [ $i = 4 ] && break 2; echo $i$j; done; done; echo $i",
		"f() { local a=1 b; b=2; g; echo $a$b; }; g() { a=3; }; a=0; f; echo $a", "f() { echo $# $1; set x; echo $1; }; set p q; f r; echo $1$2; f 2>&1 >g; cat g",
		"alias e='echo x '\ne y\nunalias e\ne z; echo $?", "umask 027; umask; (umask 77; umask); umask; umask -S; umask u=rw,g=,o=; umask", "echo \"$-\" | tr -d hs; set -f; echo *; set +f",
		"getopts ab: o -a -b c d; echo $o$OPTIND; getopts ab: o -a -b c d; echo $o$OPTARG$OPTIND; getopts ab: o -a -b c d; echo $?$o", "type cd; command -v cd; command -v :; command -v nosuch; echo $?",
		"read a b <<E\n1 2 3\nE\necho $a-$b; printf 'x\\\\\\ny\\n' | { read l; echo $l; }; echo 'a\\b' | { read -r l; printf '%s\\n' \"$l\"; }", "exec echo replaced; echo never", "(exec sh -c 'exit 3'); echo $?",
		"case a in b) ;; [!b]) echo not b ;; esac; case '*' in '*') echo star ;; esac; x='[ab]'; case a in $x) echo pat ;; esac; case a in \"$x\") ;; *) echo lit ;; esac",
		"eval; echo $?; false; eval; echo $?; (exit 3); eval 'echo $?'; . /dev/null; echo $?; false; : $(true); echo $?; false; x=$(true); echo $?; false; x=1; echo $?",
		"if false; then :; fi; echo $?; while false; do :; done; echo $?; for i in; do :; done; echo $?; case a in b) ;; esac; echo $?; false || false; echo $?",
		"echo \"$(echo \"a  b\")\" $(echo 'c  d') `echo \\`echo e\\``; echo $(printf 'x\\n\\n')y; x=$(printf 'a\\nb\\n'); echo \"$x\"",
		"CDPATH=/usr; cd bin; pwd; cd ..; cd -L ./bin/..; pwd; cd -P .; pwd",
		"echo 'echo $0 $1 $#; return 4; echo never' >s; set p; . ./s; echo $?; PATH=.:$PATH; . s; sh ./s q", "f() { f2; echo $?; }; f2() { return 2; }; f; f | f; (f); x=$(f); echo $x",
	} {
		t.Run(script, func(t *testing.T) {
			dash := exec.Command("/bin/dash", "-c", script)
			dash.Dir, dash.Env = t.TempDir(), []string{"PATH=/usr/bin:/bin", "HOME=/home"}
			dash.Args[0] = "sh"
			var wantOut, wantErr strings.Builder
			dash.Stdout, dash.Stderr = &wantOut, &wantErr
			dash.Run()
			want := dash.ProcessState.ExitCode()
			out, errOut, status := ours(t, t.TempDir(), script)
			if out != wantOut.String() || status != want || (errOut == "") != (wantErr.Len() == 0) {
				t.Errorf("printed %q, %q, status %d\ndash:   %q, %q, status %d", out, errOut, status, wantOut.String(), wantErr.String(), want)
			}
		})
	}
}

// A script that would never end, or take all memory, ends with an error that says why.
func TestLimits(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"f() { f; }; f; echo never", "sh: line 1: f: too many calls within calls (5000)\n"},
		{"f() { (f); }; f", "sh: line 1: f: too many calls within calls (5000)\n"},
		{"f() { eval f; }; f", "too many calls within calls (5000)\n"},
		{"a=0123456789abcdef; while :; do a=$a$a; done", "sh: line 1: a: the script's variables would hold more than 64 MiB\n"},
		{"set -- 0123456789abcdef; while :; do set -- \"$@\" \"$@\"; done", "sh: line 1: set: the parameters would hold more than 64 MiB\n"},
		{"a=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do a=$a$a; done; x=$(while :; do echo $a; done); echo never", "sh: line 1: a command substitution printed more than 64 MiB\n"},
	} {
		out, errOut, status := ours(t, t.TempDir(), tt.script)
		if out != "" || !strings.HasSuffix(errOut, tt.want) || status != 2 {
			t.Errorf("%s\nprinted %q, %q, status %d", tt.script, out, errOut, status)
		}
	}
}

// Errors say script, line and command.
func TestErrors(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"\nmodprobee x", "sh: line 2: modprobee: not found\n"},
		{"connect() { :; }; conect x", "sh: line 1: conect: not found; did you mean \"connect\"?\n"},
		{"\n\necho a >/no/such/b", "sh: line 3: cannot create /no/such/b: no such file or directory\n"},
		{"f() {\ncd /no/such\n}\nf", "sh: line 2: cd: can't cd to /no/such: no such file or directory\n"},
		{": ${x:?is missing}", "sh: line 1: x: is missing\n"},
		{"readonly a=1\na=2", "sh: line 2: a: is read only\n"},
		{"echo a\n\nfi", "sh: line 3: syntax error: unexpected \"fi\"\n"},
		{"eval 'echo (a'", "sh: line 1: syntax error: unexpected \"(\"\n"},
	} {
		if _, errOut, _ := ours(t, t.TempDir(), tt.script); errOut != tt.want {
			t.Errorf("%s\ngot %q, want %q", tt.script, errOut, tt.want)
		}
	}
}
