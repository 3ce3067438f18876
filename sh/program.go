package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"mvdan.cc/sh/v3/interp"
)

// killTimeout is how long a program may take to end after an interrupt.
const killTimeout = 2 * time.Second

// program runs what is no command of the table.
func (s *Shell) program(ctx context.Context, hc interp.HandlerContext, next interp.ExecHandlerFunc, args []string) error {
	path, err := interp.LookPathDir(hc.Dir, hc.Env, args[0])
	if err != nil && !strings.Contains(args[0], "/") {
		fmt.Fprintf(hc.Stderr, "%s: no such command (`help` lists them)\n", args[0])
		return interp.ExitStatus(127)
	}
	if err == nil && s.typed && terminalOf(hc.Stdout) != nil {
		return onTerminal(ctx, hc, path, args)
	}
	return next(ctx, args)
}

// terminalOf returns the terminal behind a console that changes what goes through
// it, or nil.
func terminalOf(w io.Writer) *os.File {
	if console, ok := w.(interface{ Terminal() *os.File }); ok {
		return console.Terminal()
	}
	return nil
}

// onTerminal runs a program that a person called: an editor, another shell and
// the like need the terminal itself.
func onTerminal(ctx context.Context, hc interp.HandlerContext, path string, args []string) error {
	cmd := exec.CommandContext(ctx, path)
	cmd.Args, cmd.Env, cmd.Dir = args, exported(hc.Env), hc.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = hc.Stdin, terminalOf(hc.Stdout), hc.Stderr
	if t := terminalOf(hc.Stderr); t != nil {
		cmd.Stderr = t
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killTimeout
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &ended):
		return programStatus(ended.ProcessState)
	}
	fmt.Fprintln(hc.Stderr, err)
	return interp.ExitStatus(127)
}

// programStatus is 128 and the signal's number where a signal ended a program.
func programStatus(state *os.ProcessState) interp.ExitStatus {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return interp.ExitStatus(128 + ws.Signal())
	}
	return interp.ExitStatus(state.ExitCode())
}
