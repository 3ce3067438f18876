package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"bootrc/kit/size"
	"bootrc/oci/container/bundle"
	"bootrc/oci/container/streams"

	"github.com/opencontainers/cgroups/manager"
	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Container is a container whose first process was made: it waits for Start, or
// runs its own program.
type Container struct {
	Name string

	inner   *libcontainer.Container
	first   *specs.Process
	limits  []configs.Rlimit
	process *libcontainer.Process // nil where none runs
	bundle  *bundle.Bundle
	streams streams.Streams
	copying bool   // the streams were started
	made    func() // Runtime.Made
	stop    stop
	doubt   error         // what could keep the kernel from running the program
	life    life          // of the process
	ended   chan struct{} // closed at its end
	record  *recording    // nil until it is made
}

// makeProcess makes the container's first process, which then waits.
func (c *Container) makeProcess(stdio streams.Stdio) error {
	s, err := streams.New(stdio)
	if err != nil {
		return err
	}
	process := NewProcess(c.first, c.limits)
	process.Init = true
	s.Attach(process)
	if err := c.inner.Start(process); err != nil {
		go reapStrays()
		s.Abandon()
		return &StartError{c.first.Args[0], err}
	}
	c.process, c.streams = process, s
	return nil
}

// Start has the container's first process become its program. After an error, the
// container is to be discarded.
func (c *Container) Start() error {
	if c.made != nil {
		c.made()
	}
	pid, err := c.process.Pid()
	if err != nil {
		return err
	}
	c.doubt = whyNotRun(fmt.Sprintf("/proc/%d/root", pid), c.first)
	if err := c.inner.Exec(); err != nil {
		return &StartError{c.first.Args[0], err}
	}
	c.life.begin()
	c.record.started(pid)
	c.copying = true
	return c.streams.Start()
}

// StartError reports a container that was made, but whose command could not be
// started.
type StartError struct {
	Command string
	Err     error
}

func (e *StartError) Error() string { return fmt.Sprintf("starting %s: %v", e.Command, e.Err) }
func (e *StartError) Unwrap() error { return e.Err }

// NewProcess makes a process of a container from its description.
func NewProcess(p *specs.Process, limits []configs.Rlimit) *libcontainer.Process {
	process := &libcontainer.Process{
		Args: p.Args, Env: p.Env, Cwd: p.Cwd,
		UID: int(p.User.UID), GID: int(p.User.GID),
		Rlimits: limits, LogLevel: "3",
	}
	if c := p.Capabilities; c != nil {
		process.Capabilities = &configs.Capabilities{
			Bounding: c.Bounding, Effective: c.Effective, Permitted: c.Permitted, Inheritable: c.Inheritable, Ambient: c.Ambient,
		}
	}
	for _, g := range p.User.AdditionalGids {
		process.AdditionalGroups = append(process.AdditionalGroups, int(g))
	}
	return process
}

// Kill ends the container's first process, and with it all others, by SIGKILL.
func (c *Container) Kill() { c.inner.Signal(unix.SIGKILL) }

// Ended is closed at the end of the container's first process.
func (c *Container) Ended() <-chan struct{} { return c.ended }

// DeathLimit is how long a container's process may take to end once it was killed. One that
// waits in the kernel, for a disk or a server that has died, may never do so.
const DeathLimit = 15 * time.Second

// Wait waits for the container's process, which it stops when ctx ends, and
// removes the container. One that cannot be killed is left behind.
func (c *Container) Wait(ctx context.Context) (status int, err error) {
	var state *os.ProcessState
	var failure error
	ran := false
	go func() {
		ran = awaitEnd(c.process)
		c.life.end()
		state, failure = c.process.Wait()
		close(c.ended)
	}()
	timedOut, ended := c.watch(ctx)
	if !ended {
		return 0, fmt.Errorf("killed, but not at its end after %s: it waits in the kernel, and is left behind", DeathLimit)
	}
	c.process = nil
	var exit *exec.ExitError
	switch {
	case failure != nil && !errors.As(failure, &exit):
		err = failure
	case timedOut:
		status = statusTimedOut
	case !ran && exitStatus(state) == statusInit:
		err = notRun(c.first.Args[0], c.doubt)
	default:
		status = exitStatus(state)
	}
	short := c.shortOfMemory(status)
	err = errors.Join(err, short)
	failed := c.remove() // first: only then all output has come, and the name is free
	c.record.ended(cmp.Or(status, statusOrNone(err)), short != nil, err)
	return status, errors.Join(err, failed)
}

func statusOrNone(err error) int {
	if err == nil {
		return 0
	}
	return int(StatusOf(err))
}

// shortOfMemory tells, before the container is removed, whether the kernel ended processes
// of it for want of memory.
func (c *Container) shortOfMemory(status int) error {
	if status == 0 {
		return nil
	}
	state, err := c.inner.State()
	if err != nil {
		return nil
	}
	group, err := manager.NewWithPaths(state.Config.Cgroups, state.CgroupPaths)
	if err != nil {
		return nil
	}
	killed, err := group.OOMKillCount()
	if err != nil || killed == 0 { // or it has no control group that counts
		return nil
	}
	what := "memory ran out"
	if limit := state.Config.Cgroups.Resources.Memory; limit > 0 {
		what = fmt.Sprintf("its memory of %s was used up", size.BinaryText(limit))
	}
	return fmt.Errorf("%s: the kernel killed %d of the container's processes", what, killed)
}

// watch returns at the end of the process, which it stops when ctx ends. It tells whether it killed
// it because its time was up, and whether it has ended.
func (c *Container) watch(ctx context.Context) (timedOut, ended bool) {
	var timeout <-chan time.Time
	if c.stop.timeout > 0 {
		timeout = time.After(c.stop.timeout)
	}
	select {
	case <-c.ended:
		return false, true
	case <-timeout:
		return true, c.kill()
	case <-ctx.Done():
	}
	if c.stop.grace > 0 {
		c.inner.Signal(c.stop.signal)
		select {
		case <-c.ended:
			return false, true
		case <-time.After(c.stop.grace):
		}
	}
	return false, c.kill()
}

// kill kills the process and tells whether it has ended.
func (c *Container) kill() bool {
	c.inner.Signal(unix.SIGKILL)
	select {
	case <-c.ended:
		return true
	case <-time.After(DeathLimit):
		return false
	}
}

func exitStatus(state *os.ProcessState) int {
	ws, ok := state.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return state.ExitCode()
}

// Discard removes a container that was not started, or whose start failed with err, and returns err
// with what else has failed.
func (c *Container) Discard(err error) error {
	failed := c.remove()
	c.record.ended(int(StatusOf(err)), false, err)
	return errors.Join(err, failed)
}

// remove leaves nothing of the container behind: no process, no mount, no file.
func (c *Container) remove() error {
	var failed []error
	if c.process != nil {
		c.inner.Signal(unix.SIGKILL)
		c.process.Wait()
	}
	switch {
	case c.copying:
		c.streams.Finish()
	case c.streams != nil:
		c.streams.Abandon()
	}
	if c.inner != nil {
		failed = append(failed, c.inner.Destroy())
	}
	if c.bundle != nil {
		failed = append(failed, c.bundle.Remove())
	}
	return errors.Join(failed...)
}
