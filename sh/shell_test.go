package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/kit/command"
)

// testCommands are what the scripts of these tests call beside the builtins.
func testCommands() []command.Command {
	return []command.Command{
		{Name: "fail", Operands: "[WORD…]", Run: func(_ context.Context, call *command.Call) error {
			return fmt.Errorf("cannot do %s", strings.Join(call.Args, " "))
		}},
		{Name: "misuse", Forms: []string{"NOTHING"}, Run: func(context.Context, *command.Call) error {
			return command.Usagef("too much of it")
		}},
		{Name: "status", Operands: "[WORD…]", Run: func(_ context.Context, call *command.Call) error {
			return command.Status(len(call.Args))
		}},
		{Name: "kill", Operands: "[WORD…]", Literal: true, Run: func(_ context.Context, call *command.Call) error {
			call.Printf("our own kill %q\n", call.Args)
			return nil
		}},
		{Name: "environment", Run: func(_ context.Context, call *command.Call) error {
			call.Printf("A=%s B=%s in %s\n", call.Getenv("A"), call.Getenv("B"), call.Dir)
			return nil
		}},
		{Name: "hang", Run: func(ctx context.Context, call *command.Call) error {
			call.Printf("hanging\n")
			<-ctx.Done()
			return ctx.Err()
		}},
		{Name: "upper", Run: func(_ context.Context, call *command.Call) error {
			b, err := io.ReadAll(call.Stdin)
			call.Printf("%s", strings.ToUpper(string(b)))
			return err
		}},
	}
}

// output is written by both sides of a pipe.
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

func newTestShell(t *testing.T, out *output, more ...command.Command) *Shell {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	s, err := New(Config{Table: NewTable(append(testCommands(), more...)...), Dir: "/", Env: []string{"PATH=/nowhere"},
		Stdin: null, Stdout: out, Stderr: out})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		script, out, err string
	}{
		{"echo a b", "a b\n", ""},
		{"echo hi | upper", "HI\n", ""},
		{"kill -9 1", "our own kill [\"-9\" \"1\"]\n", ""},
		{"A=1; export B=2; environment", "A= B=2 in /\n", ""},
		{"cd /usr; environment", "A= B= in /usr\n", ""},
		{"fail at this || echo $?", "fail: cannot do at this\n1\n", ""},
		{"misuse || echo $?", "misuse: too much of it\nusage: misuse NOTHING\n2\n", ""},
		{"nosuch x || echo $?", "test: line 1: nosuch: not found\n127\n", ""},
		{"status 1 2 3", "", "test: line 1: exit status 3"},
		{"\n\nexit 4", "", "test: line 3: exit status 4"},
		{"echo a\nset -e\nfail x\necho never", "a\nfail: cannot do x\n", "test: line 3: exit status 1"},
		{"f() {\nstatus 1\n}\n\nf", "", "test: line 2: exit status 1"},
		{"echo a\nif true; then\necho b\n", "", "test: line 2: syntax error: \"if\" is not closed: \"fi\" is missing (exit status 2)"},
		{"echo 'a", "", "test: line 1: syntax error: the quote ' is not closed: another ' is missing (exit status 2)"},
		{"trap 'echo bye' EXIT; exit 3", "bye\n", "test: line 1: exit status 3"},
		{`words "-e 'A=b c' img sh -c \"echo it's\""`, `'-e' 'A=b c' 'img' 'sh' '-c' 'echo it'"'"'s'` + "\n", ""},
		{`v='a b'; words "\"\$v\" \$v"`, "'a b' 'a' 'b'\n", ""},
		{`words "a; b"`, "words: line 1: syntax error: \";\" is no word: put it into single quotes, or write sh -c '…'\n", "test: line 1: exit status 1"},
		{`words "a 'b"`, "words: line 1: syntax error: the quote ' is not closed: another ' is missing\n", "test: line 1: exit status 1"},
		{`as "b2c.run=a" fail x`, "b2c.run=a: cannot do x\n", "test: line 1: exit status 1"},
		{`as name nosuch x`, "as: nosuch is no command of this shell\nusage: as NAME COMMAND [ARGUMENT…]\n", "test: line 1: exit status 2"},
		{`words "\$(fail)"`, "words: line 1: syntax error: a command substitution is not allowed here\n", "test: line 1: exit status 1"},
	} {
		var out output
		err := newTestShell(t, &out).Run(t.Context(), "test", strings.NewReader(tt.script), Options{})
		if out.String() != tt.out || errorText(err) != tt.err {
			t.Errorf("%q\nprinted %q, error %q\nwant    %q, error %q", tt.script, out.String(), errorText(err), tt.out, tt.err)
		}
	}
}

// One script's variables and functions are the next one's; all else starts anew.
func TestRunAfterRun(t *testing.T) {
	for _, tt := range []struct{ first, second, out string }{
		{"a=1; f() { echo f$a; }", "f", "f1\n"},
		{"set -e", "fail x; echo on", "fail: cannot do x\non\n"},
		{"set -u", "echo $nothing.", ".\n"},
		{"set -n", "echo runs", "runs\n"},
		{"set -f", "echo /et[c]", "/etc\n"},
		{"set -- x y", "echo $#", "0\n"},
		{"cd /usr", "pwd", "/\n"},
		{"exec >/dev/null", "echo seen", "seen\n"},
		{"IFS=,", "v='a b,c'; for w in $v; do echo $w; done", "a\nb,c\n"},
		{"exit 3", "echo $a on", "on\n"},
		{"trap 'echo trapped' EXIT", "echo b", "trapped\nb\n"},
		{"a='it'\\''s'; f() {", "echo after a syntax error", "after a syntax error\n"},
	} {
		var out output
		s := newTestShell(t, &out)
		s.Run(t.Context(), "first", strings.NewReader(tt.first), Options{})
		if err := s.Run(t.Context(), "second", strings.NewReader(tt.second), Options{}); err != nil {
			t.Errorf("%q, then %q: %v", tt.first, tt.second, err)
		}
		if out.String() != tt.out {
			t.Errorf("%q, then %q: printed %q, want %q", tt.first, tt.second, out.String(), tt.out)
		}
	}
}

func TestSetAndGet(t *testing.T) {
	var out output
	s := newTestShell(t, &out)
	for _, value := range []string{"", "plain", "it's", "a\nb", "$(fail) `fail` \\ \"", "ünï"} {
		if err := s.Set(t.Context(), "v", value, "w", "-"+value); err != nil {
			t.Fatal(err)
		}
		if s.Get("v") != value || s.Get("w") != "-"+value {
			t.Errorf("set to %q: v is %q, w is %q", value, s.Get("v"), s.Get("w"))
		}
	}
	if err := s.Run(t.Context(), "test", strings.NewReader("v=changed"), Options{}); err != nil {
		t.Fatal(err)
	}
	if s.Get("v") != "changed" {
		t.Errorf("after a script set it, v is %q", s.Get("v"))
	}
}

func TestTrace(t *testing.T) {
	var out output
	s := newTestShell(t, &out)
	s.Run(t.Context(), "test", strings.NewReader("a=1; echo $a"), Options{Trace: true})
	s.Run(t.Context(), "test", strings.NewReader("echo quiet"), Options{})
	if want := "+ a=1\n+ echo 1\n1\nquiet\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

func TestStartVariables(t *testing.T) {
	var out output
	s, err := New(Config{Table: NewTable(testCommands()...), Env: []string{"A=exported"}, Vars: []string{"B=x=y", "C="}, Stdout: &out, Stderr: &out})
	if err != nil {
		t.Fatal(err)
	}
	if s.Get("A") != "exported" || s.Get("B") != "x=y" || s.Get("D") != "" {
		t.Errorf("before a script ran: A is %q, B %q, D %q", s.Get("A"), s.Get("B"), s.Get("D"))
	}
	script := "environment; echo $B ${C-unset} ${D-unset}; export B; B=2 environment; B=3"
	if err := s.Run(t.Context(), "test", strings.NewReader(script), Options{}); err != nil {
		t.Fatal(err)
	}
	dir, _ := os.Getwd()
	want := fmt.Sprintf("A=exported B= in %s\nx=y unset\nA=exported B=2 in %s\n", dir, dir)
	if out.String() != want || s.Get("B") != "3" {
		t.Errorf("printed %q, want %q; B is %q", out.String(), want, s.Get("B"))
	}
}

// A script that would never end by itself ends with its context.
func TestInterrupted(t *testing.T) {
	for _, script := range []string{"while :; do :; done", "hang", "hang | upper", "f() { hang; f; }; f"} {
		var out output
		ctx, cancel := context.WithCancel(t.Context())
		s := newTestShell(t, &out)
		time.AfterFunc(10*time.Millisecond, cancel)
		err := s.Run(ctx, "test", strings.NewReader(script), Options{})
		var failure *Failure
		if !errors.As(err, &failure) || failure.Status != 130 {
			t.Errorf("%q: %v, want status 130", script, err)
		}
		if err := s.Run(t.Context(), "next", strings.NewReader("echo alive"), Options{}); err != nil {
			t.Errorf("after %q was interrupted: %v", script, err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
