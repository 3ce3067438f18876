package command

import (
	"fmt"
	"io"
	"path/filepath"
	"syscall"

	"bootrc/kit/foreign"
)

// Call is one invocation of a Command.
type Call struct {
	Name   string   // the name under which it was called
	Args   []string // what follows the name; while Run runs: the operands
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

	declared []Option
	given    []given
}

// Other returns another command of the caller's shell, and a call of it with the caller's streams.
func (c *Call) Other(line ...string) (Command, *Call, error) {
	if c.Lookup != nil {
		if other, ok := c.Lookup(line[0]); ok {
			inner := *c
			inner.Name, inner.Args = line[0], line[1:]
			return other, &inner, nil
		}
	}
	return Command{}, nil, fmt.Errorf("there is no command %s here: bootrc's shell has it", line[0])
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

// Complainer is a standard error that keeps why things failed: the boot's console.
type Complainer interface{ Complain(text string) }

// Warn writes "NAME: text" to the call's standard error. Whatever a server, an image or
// a disk put into the text stays within that message: see foreign.Text.
func (c *Call) Warn(text string) {
	text = foreign.Text(c.Name + ": " + text)
	if console, ok := c.Stderr.(Complainer); ok {
		console.Complain(text)
		return
	}
	fmt.Fprintln(c.Stderr, text)
}

// Caution writes a warning in boot2container's form, of what may be a mistake but keeps nothing from going on.
func (c *Call) Caution(text string) {
	text = foreign.Text(text)
	if console, ok := c.Stderr.(interface{ Warn(text string) }); ok {
		console.Warn(text)
		return
	}
	fmt.Fprintf(c.Stderr, "B2C_WARNING: %s\n", text)
}
