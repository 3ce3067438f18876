package sh

import (
	"context"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
)

// worker is a command that runs until it is asked to stop, says its last words, and ends with
// status 7 where it was told to fail.
var worker = command.Command{Name: "worker", Operands: "[WORD…]", Run: func(ctx context.Context, call *command.Call) error {
	<-ctx.Done()
	call.Printf("%s: last pass\n", strings.Join(call.Args, " "))
	if call.Args[0] == "fail" {
		return command.Status(7)
	}
	return nil
}}

func TestJobs(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"job start w worker a b; echo started; job stop w; echo $?", "started\na b: last pass\n0\n"},
		{"job start w worker fail; job stop w; echo $?", "fail: last pass\n7\n"},
		{"job start v worker ok; job start w worker fail; job stop v w >/dev/null; echo $?", "7\n"},
		{"job start w worker a; job ls; job start w worker b; echo $?; job stop w", "w: running\njob: a job with the name \"w\" is there already\n1\na: last pass\n"},
		{"job start v worker ok; job start w worker fail; job stop -a >/dev/null; echo $?; job ls; job stop -a; echo $?", "7\n0\n"},
		{"job start w worker a; (job stop w); job ls", "a: last pass\n"},
		{"job stop w; echo $?", "job: there is no job with the name \"w\": `job ls` lists them\n1\n"},
		{"job start w nothing; echo $?", "job: nothing: no such command of this shell\n1\n"},
		{"job start w; echo $?", "2\n"},
	} {
		out := new(output)
		shell := newTestShell(t, out, worker)
		if err := shell.Run(t.Context(), "test", strings.NewReader(tt.script), Options{}); err != nil {
			t.Errorf("%s: %v", tt.script, err)
		}
		if got := out.String(); !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.script, got, tt.want)
		}
	}
}

// A job outlives the script that started it, even one that was interrupted, and ends with
// the one that asks it to.
func TestJobOutlivesItsScript(t *testing.T) {
	out := new(output)
	shell := newTestShell(t, out, worker)
	ctx, cancel := context.WithCancel(t.Context())
	if err := shell.Run(ctx, "first", strings.NewReader("job start w worker a"), Options{}); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := shell.Run(t.Context(), "second", strings.NewReader("job ls; job stop w"), Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "w: running\na: last pass\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJobEndsByItself(t *testing.T) {
	ended := make(chan struct{})
	brief := command.Command{Name: "brief", Run: func(context.Context, *command.Call) error {
		defer close(ended)
		return command.Status(3)
	}}
	out := new(output)
	shell := newTestShell(t, out, brief)
	run := func(script string) {
		if err := shell.Run(t.Context(), "test", strings.NewReader(script), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	run("job start w brief")
	<-ended
	for out.String() == "" { // it says so as its last act
		time.Sleep(time.Millisecond)
	}
	run("job stop w; echo $?")
	if got, want := out.String(), "job w has ended by itself, with status 3\n3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
