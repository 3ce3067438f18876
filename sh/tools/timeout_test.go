package tools

import (
	"context"
	"io"
	"testing"

	"bootrc/kit/command"
)

func TestTimeout(t *testing.T) {
	testScripts(t, []script{
		{line: "timeout 60 echo a b", want: "a b\n"},
		{line: "timeout 60 cat nowhere", status: 1},
		{line: "timeout 60 no-such-command", status: 127},
		{line: "timeout 0.01 sleep 600", status: 124},
		{line: "timeout 0.01m sleep 600", status: 124},
		{line: "timeout 60 timeout 0.01 sleep 600", status: 124},
	})
}

// what never ends, as a system call that waits for a server, is left alone
func TestTimeoutOfWhatIgnoresIt(t *testing.T) {
	forever := make(chan struct{})
	defer close(forever)
	stuck := command.Command{Name: "stuck", Run: func(context.Context, *command.Call) error {
		<-forever
		return nil
	}}
	call := &command.Call{
		Name: "timeout", Args: []string{"0.01", "stuck"}, Stdout: io.Discard, Stderr: io.Discard,
		Lookup: func(string) (command.Command, bool) { return stuck, true },
	}
	if status := timeoutCommand().Execute(t.Context(), call); status != timedOut {
		t.Errorf("status %d", status)
	}
}
