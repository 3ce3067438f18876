package run

import (
	"context"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// lookupTable finds a command that runs in this process.
func (sh *Shell) lookupTable(name string) (command.Command, bool) {
	if sh.config.Lookup == nil {
		return command.Command{}, false
	}
	return sh.config.Lookup(name)
}

// runTable runs a command of the table.
func (sh *Shell) runTable(c command.Command, args []string) outcome {
	sh.start(0)
	ctx, done := sh.proc.commandContext()
	call := sh.newCall(args)
	status := c.Execute(withShell(ctx, sh), call)
	done()
	sh.status = int(status)
	if sh.quits {
		sh.quits = false
		return exiting
	}
	if sh.proc.real {
		sh.settle()
	}
	if sh.proc.ended() {
		// one that was asked to stop has said how its work ended
		if signal := sh.proc.killedBy(); signal != unix.SIGINT && status != 0 {
			sh.status = 128 + int(signal)
		}
		return killed
	}
	if sh.status == statusBrokenPipe && sh.outer != nil {
		return killed
	}
	return next
}

// newCall is a call of a command with the shell's streams, folder and variables.
func (sh *Shell) newCall(args []string) *command.Call {
	return &command.Call{
		Name: args[0], Args: append([]string(nil), args[1:]...), Dir: sh.dir, Env: sh.Environ(),
		Stdin: sh.fds.get(0).reader(), Stdout: sh.fds.get(1).writer(), Stderr: sh.fds.get(2).writer(),
		Lookup: sh.lookupCommand, Recorder: sh.config.Record, Signal: sh.signal,
	}
}

// lookupCommand finds commands for commands that run others: the table's, and builtins.
func (sh *Shell) lookupCommand(name string) (command.Command, bool) {
	if c, ok := sh.lookupTable(name); ok {
		return c, true
	}
	if b, ok := builtinOf(name); ok {
		return sh.builtinCommand(name, b), true
	}
	return command.Command{}, false
}

// builtinCommand is a builtin as a command: it changes nothing in this shell.
func (sh *Shell) builtinCommand(name string, b utility) command.Command {
	return command.Command{Name: name, Operands: "[ARGUMENT…]", Literal: true, Summary: "builtin of the shell", Run: func(ctx context.Context, call *command.Call) error {
		child := sh.subshell()
		child.dir, child.environment = call.Dir, call.Env
		child.replaceStreams(call)
		child.status = b.run(child, append([]string(nil), call.Args...))
		if status := child.finish(next); status != 0 {
			return command.Status(status)
		}
		return nil
	}}
}

func (sh *Shell) replaceStreams(call *command.Call) {
	if out := inheritedWriter(call.Stdout); out != nil {
		sh.fds.put(1, out).release()
	}
	if out := inheritedWriter(call.Stderr); out != nil {
		sh.fds.put(2, out).release()
	}
}

type shellKey struct{}

func withShell(ctx context.Context, sh *Shell) context.Context {
	return context.WithValue(ctx, shellKey{}, sh)
}

// Of returns the shell that runs the command whose context that is, or nil.
func Of(ctx context.Context) *Shell {
	sh, _ := ctx.Value(shellKey{}).(*Shell)
	return sh
}
