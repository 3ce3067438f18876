// Package command is what a command of the shell is: a name, its help, and a
// Go function that runs it with the caller's arguments, folder, environment
// and standard streams.
//
// It depends on nothing but the standard library, so that each domain package
// can offer its commands without knowing the interpreter that runs them.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
)

// Command is one entry of the shell's table.
type Command struct {
	Name    string // as typed: "modprobe"
	Args    string // what follows the name, for the usage line: "[-v] MODULE [NAME=VALUE…]"
	Summary string // one line of help, lower case, without a full stop

	// Run does the work. Nil is exit status 0; a Status is that exit status,
	// with nothing printed; any other error is printed as "NAME: error" on
	// standard error and is exit status 1, or 2 for a UsageError.
	// Run returns soon after ctx is done.
	Run func(ctx context.Context, call *Call) error
}

// Call is one invocation of a Command.
type Call struct {
	Name   string   // the name under which it was called
	Args   []string // the arguments after the name
	Dir    string   // the caller's working directory, absolute
	Env    []string // the caller's exported variables, as KEY=VALUE
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	// Recorder takes what Record is told, for the summary of a boot. It may be nil.
	Recorder func(Work)

	// Lookup finds another command of the caller's shell, for those that run
	// others. It is nil where there is no shell.
	Lookup func(name string) (Command, bool)

	// Signal sends a signal to what only the caller's shell knows: a job as %1, a
	// subshell in the background, the shell itself. known is false for what the kernel
	// knows. It is nil where there is no shell.
	Signal func(operand string, signal syscall.Signal) (known bool, err error)
}

// Path resolves name against the caller's working directory: the process's own
// is not the shell's.
func (c *Call) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.Dir, name)
}

// Getenv returns the caller's exported variable of that name, or "".
func (c *Call) Getenv(name string) string {
	for i := len(c.Env) - 1; i >= 0; i-- {
		if k := c.Env[i]; len(k) > len(name) && k[len(name)] == '=' && k[:len(name)] == name {
			return k[len(name)+1:]
		}
	}
	return ""
}

// Printf writes to the call's standard output.
func (c *Call) Printf(format string, args ...any) {
	fmt.Fprintf(c.Stdout, format, args...)
}

// Status is an exit status as an error: the command has said itself what there
// was to say.
type Status uint8

func (s Status) Error() string { return fmt.Sprintf("exit status %d", uint8(s)) }

// UsageError reports a wrong call: exit status 2, followed by the usage line.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// Execute runs the command and turns its error into output and an exit status,
// as the documentation of Command.Run says.
func (c Command) Execute(ctx context.Context, call *Call) Status {
	err := c.Run(context.WithValue(ctx, environment{}, call.Env), call)
	var status Status
	var usage *UsageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return status
	case errors.As(err, &usage):
		fmt.Fprintf(call.Stderr, "%s: %v\nusage: %s %s\n", call.Name, err, c.Name, c.Args)
		return 2
	default:
		fmt.Fprintf(call.Stderr, "%s: %v\n", call.Name, err)
		return 1
	}
}

type environment struct{}

// Environment returns the variables, as KEY=VALUE, of the command that Execute
// runs with ctx or with a context made from it; ok is false where there is none.
func Environment(ctx context.Context) (env []string, ok bool) {
	env, ok = ctx.Value(environment{}).([]string)
	return env, ok
}
