package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"bootrc/oci/container/streams"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
)

// Exec runs one more process in the container, with the user, the environment
// and the folder of its first, and returns its exit status. When ctx ends, the
// process is killed.
func (c *Container) Exec(ctx context.Context, args []string, stdio streams.Stdio) (status int, err error) {
	description := *c.first
	description.Args = args
	return Enter(ctx, NewProcess(&description, c.limits), stdio, func(p *libcontainer.Process) error {
		return c.life.within(func() error {
			err := c.inner.Run(p)
			if err != nil && c.ending() {
				return fmt.Errorf("%w any more: %w", ErrNotRunning, err)
			}
			return err
		})
	})
}

// ending tells whether the first process, which nobody has waited for, has its program no more.
func (c *Container) ending() bool {
	pid, err := c.process.Pid()
	if err != nil {
		return true
	}
	_, err = os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return errors.Is(err, fs.ErrNotExist)
}

// Enter runs a process that start starts in a container, on these streams, to its end, and
// returns its exit status. When ctx ends, the process is killed.
func Enter(ctx context.Context, process *libcontainer.Process, stdio streams.Stdio, start func(*libcontainer.Process) error) (status int, err error) {
	s, err := streams.New(stdio)
	if err != nil {
		return 0, err
	}
	s.Attach(process)
	if err := start(process); err != nil {
		go reapStrays()
		s.Abandon()
		return 0, &StartError{process.Args[0], err}
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
		return 0, notRun(process.Args[0], nil)
	}
	return status, nil
}
