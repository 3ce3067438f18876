package conformance

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"bootrc/sh"
	"bootrc/sh/tools"
)

// TestMain is our shell where the tests start this program as one.
func TestMain(m *testing.M) {
	name, _, _ := strings.Cut(asShell, "=")
	if os.Getenv(name) == "" {
		undoIgnored()
		os.Exit(m.Run())
	}
	os.Unsetenv(name)
	s, err := sh.New(sh.Config{
		Table: sh.NewTable(tools.Commands()...), Env: os.Environ(), Process: true,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil {
		panic(err)
	}
	os.Exit(s.Main(context.Background(), "sh", os.Args[1:]))
}

// undoIgnored has both shells start with no signal ignored, even where this program was
// started so, by nohup for one: what is caught here is not ignored there.
func undoIgnored() {
	for s := syscall.Signal(1); s < 32; s++ {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

func status(p *os.ProcessState) int {
	if w := p.Sys().(syscall.WaitStatus); w.Signaled() {
		return 128 + int(w.Signal())
	}
	return p.ExitCode()
}
