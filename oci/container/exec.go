package container

import (
	"context"
	"errors"
	"os/exec"

	"golang.org/x/sys/unix"
)

// exec runs one more process in the container, with the user, the environment
// and the folder of its first, and returns its exit status. When ctx ends, the
// process is killed.
func (c *running) exec(ctx context.Context, args []string, o Options, stdio Stdio) (status int, err error) {
	streams, err := newStreams(stdio, o)
	if err != nil {
		return 0, err
	}
	process := newProcess(c.first)
	process.Args = args
	process.Rlimits = c.limits
	streams.attach(process)
	if err := c.inner.Run(process); err != nil {
		streams.abandon()
		return 0, &StartError{args[0], err}
	}
	defer streams.finish()
	if err := streams.start(); err != nil {
		process.Signal(unix.SIGKILL)
		process.Wait()
		return 0, err
	}
	release := context.AfterFunc(ctx, func() { process.Signal(unix.SIGKILL) })
	defer release()
	state, err := process.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return exitStatus(state), nil
}
