package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

const (
	interrupted = command.Status(128 + unix.SIGINT)
	brokenPipe  = command.Status(128 + unix.SIGPIPE)
)

// call is one invocation of a tool: a command.Call whose standard output is
// buffered and whose standard input can be interrupted.
type call struct {
	*command.Call
	caller *command.Call // as the shell made it, for what the tool itself runs
	out    *bufio.Writer // is Stdout
	failed bool          // something was reported, and the tool went on
}

type runFunc func(ctx context.Context, c *call) error

// tool makes a command's Run of a tool's.
func tool(run runFunc) func(context.Context, *command.Call) error {
	return func(ctx context.Context, given *command.Call) error { return invoke(ctx, given, run) }
}

func invoke(ctx context.Context, given *command.Call, run runFunc) error {
	own := *given
	c := &call{Call: &own, caller: given, out: bufio.NewWriter(given.Stdout)}
	own.Stdout = c.out
	own.Stdin = c.input(ctx, given.Stdin)
	err := run(ctx, c)
	return c.result(ctx, err, c.out.Flush())
}

// result is what the whole call ends with, of the tool's own error and of what
// became of its output.
func (c *call) result(ctx context.Context, err, output error) error {
	switch {
	case errors.Is(output, unix.EPIPE), errors.Is(err, unix.EPIPE):
		return brokenPipe
	case err != nil && ctx.Err() != nil:
		return interrupted
	case output != nil:
		return fmt.Errorf("writing the output: %w", output)
	case err == nil && c.failed:
		return command.Status(1)
	}
	return err
}

// Shown is that of the caller's standard output, which is no buffer.
func (c *call) Shown(text string) string { return c.caller.Shown(text) }

// fail reports an error after which the tool goes on; its status will be 1.
func (c *call) fail(err error) {
	c.failed = true
	c.warn(err)
}

func (c *call) warn(err error) {
	c.out.Flush()
	c.Warn(err.Error())
}

// outputError is the first error that writing to standard output met.
func (c *call) outputError() error {
	_, err := c.out.Write(nil)
	return err
}

// each does something to every operand. What fails is reported, the rest goes on.
func (c *call) each(ctx context.Context, operands []string, do func(operand string) error) error {
	for _, operand := range operands {
		err := do(operand)
		if stop := errors.Join(ctx.Err(), c.outputError()); stop != nil {
			return stop
		}
		if errors.Is(err, errEnough) {
			return err
		}
		if err != nil {
			c.fail(err)
		}
	}
	return nil
}

// errEnough ends each early: the answer is known.
var errEnough = errors.New("enough is known")

// eachInput reads every named file, "-" being standard input, as is no name at all.
func (c *call) eachInput(ctx context.Context, names []string, read func(name string, r io.Reader) error) error {
	if len(names) == 0 {
		names = []string{"-"}
	}
	return c.each(ctx, names, func(name string) error {
		r, err := c.open(ctx, name)
		if err != nil {
			return err
		}
		defer r.Close()
		return read(name, r)
	})
}

// environ is the caller's environment as a lookup that tells unset from empty.
func environ(env []string, name string) (value string, ok bool) {
	for _, entry := range env {
		if k, v, found := strings.Cut(entry, "="); found && k == name {
			value, ok = v, true
		}
	}
	return value, ok
}
