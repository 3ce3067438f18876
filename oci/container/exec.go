package container

import (
	"context"
	"errors"
	"os/exec"

	"bootrc/oci/container/streams"

	"golang.org/x/sys/unix"
)

// Exec runs one more process in the container, with the user, the environment
// and the folder of its first, and returns its exit status. When ctx ends, the
// process is killed.
func (c *Container) Exec(ctx context.Context, args []string, stdio streams.Stdio) (status int, err error) {
	s, err := streams.New(stdio)
	if err != nil {
		return 0, err
	}
	process := newProcess(c.first)
	process.Args = args
	process.Rlimits = c.limits
	s.Attach(process)
	if err := c.life.within(func() error { return c.inner.Run(process) }); err != nil {
		s.Abandon()
		return 0, &StartError{args[0], err}
	}
	defer s.Finish()
	if err := s.Start(); err != nil {
		process.Signal(unix.SIGKILL)
		process.Wait()
		return 0, err
	}
	release := context.AfterFunc(ctx, func() { process.Signal(unix.SIGKILL) })
	defer release()
	ran := awaitEnd(process)
	state, err := process.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if status = exitStatus(state); !ran && status == statusInit {
		return 0, notRun(args[0], nil)
	}
	return status, nil
}
