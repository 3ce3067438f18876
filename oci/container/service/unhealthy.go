package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bootrc/kit/foreign"
	"bootrc/oci/container"
)

// watch checks a service that was healthy as often as h.Interval says, and does what
// --health-on-failure asks for when so many checks on end have failed as h.Retries.
func (s *service) watch(ctx context.Context, h container.Health) {
	for failures := 0; ; {
		select {
		case <-s.done:
			return
		case <-time.After(h.Interval):
		}
		s.lock.Lock()
		c := s.running
		s.lock.Unlock()
		failure := checkHealth(ctx, c, h)
		if errors.Is(failure, container.ErrNotRunning) { // it is between its end and its next start
			failures = 0
			continue
		}
		if failure == nil {
			failures = 0
			s.setState(healthGood)
			c.SetHealth(healthGood)
			continue
		}
		if failures++; failures < h.Retries {
			continue
		}
		failures = 0
		s.setState(healthBad)
		c.SetHealth(healthBad)
		fmt.Fprintln(s.own, foreign.Text(fmt.Sprintf("service %s: unhealthy: %v: %s", s.name, failure, h.OnFailure)))
		s.actOn(h.OnFailure, c)
	}
}

// actOn ends an unhealthy container: for good, or, where it is to be started again, for now.
func (s *service) actOn(action string, c *container.Container) {
	switch action {
	case container.HealthStop:
		s.cancel()
	case container.HealthRestart:
		s.lock.Lock()
		s.again = true
		s.lock.Unlock()
		c.Kill()
	case container.HealthKill:
		c.Kill()
	}
}

// takeAgain tells whether the container is to be started again whatever its policy says.
func (s *service) takeAgain() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	again := s.again
	s.again = false
	return again
}
