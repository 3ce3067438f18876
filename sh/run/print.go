package run

import (
	"context"
	"errors"
	"syscall"

	"bootrc/kit/command"
	"bootrc/sh/builtin"
)

// The commands that most scripts are made of need nothing of the shell. They are called
// without what other commands of the table need: memory of their own, and the variables.

func echo(sh *Shell, args []string) int    { return sh.runQuick("echo", builtin.Echo, args) }
func printf(sh *Shell, args []string) int  { return sh.runQuick("printf", builtin.Printf, args) }
func test(sh *Shell, args []string) int    { return sh.runQuick("test", builtin.Test, args) }
func bracket(sh *Shell, args []string) int { return sh.runQuick("[", builtin.Test, args) }

func (sh *Shell) runQuick(name string, run func(context.Context, *command.Call) error, args []string) int {
	call := &sh.quick
	call.Name, call.Args, call.Dir = name, args, sh.dir
	call.Stdin, call.Stdout, call.Stderr = sh.fds.get(0).reader(), sh.fds.get(1).writer(), sh.fds.get(2).writer()
	err := run(sh.proc.ctx, call)
	if err == nil {
		return 0
	}
	var status command.Status
	var usage *command.UsageError
	var failure *command.Failure
	switch {
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, syscall.EPIPE):
		return sh.brokenPipe()
	case errors.Is(err, errTooMuch):
		sh.broken = true
		return statusBrokenPipe
	case errors.As(err, &usage):
		sh.report(name, err)
		return 2
	case errors.As(err, &failure):
		sh.report(name, err)
		return int(failure.Status)
	}
	sh.report(name, explain(err))
	return 1
}

// brokenPipe is the end of a shell that writes into a pipe which nobody reads.
func (sh *Shell) brokenPipe() int {
	if _, ignored := sh.proc.traps(syscall.SIGPIPE); !ignored {
		sh.broken = true
	}
	return statusBrokenPipe
}
