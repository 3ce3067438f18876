package manage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bootrc/oci/container"

	"golang.org/x/sys/unix"
)

// looks is how often a container is looked at that shall end.
const looks = 50 * time.Millisecond

// end asks a container to end, kills it after that time, and returns when whoever runs it
// has seen that. A service that waits to be started again is not started again.
func (m manager) end(ctx context.Context, name string, grace time.Duration) error {
	if err := m.Records.AskStop(name); err != nil {
		return err
	}
	r, c, err := m.running(name)
	if errors.Is(err, container.ErrNotRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	signal, err := container.ParseSignal(r.Config.StopSignal)
	if err != nil {
		signal = unix.SIGTERM
	}
	for _, step := range []struct {
		signal unix.Signal
		limit  time.Duration
	}{{signal, grace}, {unix.SIGKILL, container.DeathLimit}} {
		if step.limit == 0 {
			continue
		}
		c.Signal(step.signal)
		if m.awaitEnd(ctx, name, step.limit) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%s: killed, but not at its end after %s: it waits in the kernel", name, container.DeathLimit)
}

// awaitEnd tells whether the container has ended in that time, or ctx has.
func (m manager) awaitEnd(ctx context.Context, name string, limit time.Duration) bool {
	for end := time.Now().Add(limit); ; {
		if r, err := m.Records.Get(name); err != nil || !r.State.Running {
			return true
		}
		if m.isGone(name) && m.Abandoned(name) { // nobody is left to write that down
			return true
		}
		if time.Now().After(end) {
			return false
		}
		select {
		case <-ctx.Done():
			return true
		case <-time.After(looks):
		}
	}
}
