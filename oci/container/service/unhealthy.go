package service

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"bootrc/kit/foreign"
	"bootrc/oci/container"
)

// watch checks a service as often as h.Interval says until it is asked to stop, and does what
// --health-on-failure asks for when so many checks on end have failed as h.Retries.
func (s *service) watch(h container.Health) {
	var checked *container.Container // last
	for failures := 0; ; {
		select {
		case <-s.life.Done():
			return
		case <-time.After(h.Interval):
		}
		c := s.current()
		if c != checked {
			checked, failures = c, 0
		}
		if c == nil { // it is between its end and its next start
			continue
		}
		failure := checkHealth(s.life, c, h)
		if s.stopAsked() { // the check may have failed because of that
			return
		}
		switch {
		case errors.Is(failure, container.ErrNotRunning):
		case failure == nil:
			failures = 0
			s.setHealth(c, healthGood)
		default:
			if failures++; failures >= h.Retries {
				failures = 0
				s.setUnhealthy(c, h, failure)
			}
		}
	}
}

// setUnhealthy does what is to be done about an unhealthy container, and says so; where that is nothing,
// it says so once.
func (s *service) setUnhealthy(c *container.Container, h container.Health, failure error) {
	known := s.State() == healthBad
	if !s.setHealth(c, healthBad) || known && !h.Acts() {
		return
	}
	fmt.Fprintln(s.own, foreign.Text(fmt.Sprintf("service %s: unhealthy: %v: %s", s.name, failure, cmp.Or(h.OnFailure, container.HealthIgnore))))
	s.actOn(h.OnFailure, c)
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
