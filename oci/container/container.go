package container

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stopTimeout is how long a container may take to end after it was told to.
const stopTimeout = 10 * time.Second

// statusTimedOut is podman's exit status of a container that --timeout ended.
const statusTimedOut = 255

// stop says how a container is brought to its end.
type stop struct {
	signal  unix.Signal
	grace   time.Duration // until SIGKILL
	timeout time.Duration // after which it may not run any longer, 0 for ever
}

func newStop(args []string, image Image, o Options, usual unix.Signal) stop {
	s := stop{signal: o.StopSignal, grace: stopTimeout, timeout: o.Timeout}
	if o.StopTimeout != nil {
		s.grace = *o.StopTimeout
	}
	if s.signal == 0 && image.Config.StopSignal != "" {
		// one that means nothing is as good as none
		s.signal, _ = parseSignal(image.Config.StopSignal)
	}
	if s.signal == 0 && o.Systemd.runs(args) {
		s.signal = systemdStopSignal
	}
	if s.signal == 0 {
		s.signal = usual
	}
	return s
}

// wait waits for the container's process, which it stops when ctx ends, and
// removes the container.
func (c *running) wait(ctx context.Context) (status int, err error) {
	stopped := make(chan struct{})
	timedOut := false
	go func() {
		defer close(stopped)
		timedOut = c.watch(ctx)
	}()
	state, err := c.process.Wait()
	close(c.ended)
	<-stopped
	c.process = nil
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, errors.Join(err, c.remove())
	}
	if status = exitStatus(state); timedOut {
		status = statusTimedOut
	}
	return status, c.remove()
}

// watch stops the process when ctx ends, and tells whether it killed it because
// its time was up.
func (c *running) watch(ctx context.Context) (timedOut bool) {
	var timeout <-chan time.Time
	if c.stop.timeout > 0 {
		timeout = time.After(c.stop.timeout)
	}
	select {
	case <-c.ended:
		return false
	case <-timeout:
		c.inner.Signal(unix.SIGKILL)
		return true
	case <-ctx.Done():
	}
	if c.stop.grace > 0 {
		c.inner.Signal(c.stop.signal)
		select {
		case <-c.ended:
			return false
		case <-time.After(c.stop.grace):
		}
	}
	c.inner.Signal(unix.SIGKILL)
	return false
}

func exitStatus(state *os.ProcessState) int {
	ws, ok := state.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return state.ExitCode()
}
