// Package service keeps containers running in the background.
package service

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"bootrc/kit/foreign"
	"bootrc/oci/container"
	"bootrc/oci/container/record"
	"bootrc/oci/container/streams"

	"golang.org/x/sys/unix"
)

// service is a container that is kept running in the background.
type service struct {
	name    string
	image   container.Image
	options container.Options
	policy  container.RestartPolicy
	runtime container.Runtime
	out     *lineWriter // the container's lines
	err     *lineWriter
	own     io.Writer // lines about it

	life   context.Context    // ends when it is asked to stop, and at its end
	cancel context.CancelFunc // asks it to stop
	done   chan struct{}      // closed when nothing of it is left

	lock    sync.Mutex
	state   string
	running *container.Container // nil between one's end and the next one's start
	again   bool                 // start it once more, whatever the policy says
}

func (s *service) setRunning(c *container.Container) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.running = c; c != nil {
		s.state = "running"
	}
}

func (s *service) current() *container.Container {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.running
}

// setHealth notes what checks say of a container, and tells whether it is the one that runs still.
func (s *service) setHealth(c *container.Container, state string) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.running != c {
		return false
	}
	s.state = state
	c.SetHealth(state)
	return true
}

func (s *service) setState(format string, args ...any) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.state = fmt.Sprintf(format, args...)
}

// State says in a few words what it is doing.
func (s *service) State() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.state
}

func (s *service) start() (*container.Container, error) {
	c, err := s.runtime.Start(s.image, s.options, streams.Stdio{Stdout: s.out, Stderr: s.err}, unix.SIGTERM)
	if err == nil {
		s.setRunning(c)
	}
	return c, err
}

// supervise waits for the container, and starts it again as long as the policy
// says so. When the service is asked to stop, it stops it.
func (s *service) supervise(c *container.Container) {
	defer close(s.done)
	defer s.cancel()
	var pause pauses
	for restarts := 0; ; restarts++ {
		begin := time.Now()
		status := s.wait(c)
		if s.stopAsked() {
			s.setState("stopped, status %d", status)
			return
		}
		if !s.takeAgain() && !s.policy.Again(status, restarts) {
			s.setState("ended with status %d", status)
			fmt.Fprintf(s.own, "service %s: ended with status %d\n", s.name, status)
			return
		}
		wait := pause.after(time.Since(begin))
		s.setState("waiting to start again, after status %d", status)
		fmt.Fprintf(s.own, "service %s: ended with status %d, starts again in %v\n", s.name, status, wait)
		if !s.rest(wait) {
			s.setState("stopped, status %d", status)
			return
		}
		s.options.Restarts++
		var err error
		if c, err = s.start(); err != nil {
			fmt.Fprintln(s.own, foreign.Text(fmt.Sprintf("service %s: %v", s.name, err)))
		}
	}
}

// stopAsked tells whether it is to end, and not to be started again.
func (s *service) stopAsked() bool {
	return s.life.Err() != nil || s.runtime.Records.StopAsked(s.name)
}

// rest waits before the next start, and tells whether there is to be one. Its record stays meanwhile.
func (s *service) rest(wait time.Duration) bool {
	s.runtime.Records.SetStatus(s.name, record.Restarting)
	select {
	case <-s.life.Done():
	case <-time.After(wait):
	}
	if s.stopAsked() {
		s.runtime.Records.SetStatus(s.name, record.Exited)
		return false
	}
	return true
}

// wait returns the container's status, or that of one that could not be started.
func (s *service) wait(c *container.Container) int {
	if c == nil {
		return container.StatusError
	}
	status, err := c.Wait(s.life)
	s.setRunning(nil)
	s.out.flush()
	s.err.flush()
	if err != nil {
		fmt.Fprintln(s.own, foreign.Text(fmt.Sprintf("service %s: %v", s.name, err)))
		return cmp.Or(status, container.StatusError)
	}
	return status
}
