package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
)

// services are the containers that run in the background, in the order in which
// they were started.
type services struct {
	life    context.Context // they stop when it ends
	runtime Runtime
	console sync.Mutex // held while a line is written

	lock sync.Mutex
	list []*service
}

// start starts a service, and returns when it runs and, where it has a
// health check, works. What its container writes comes as lines behind its name.
func (s *services) start(ctx context.Context, v *invocation, image Image, out, errOut io.Writer) (*service, error) {
	one, c, err := s.begin(v, image, out, errOut)
	if err != nil {
		return nil, err
	}
	health, checked := v.options.Health.complete(image.Config.Healthcheck)
	if !checked {
		return one, nil
	}
	if err := one.await(ctx, c, health); err != nil {
		s.stop(one)
		return nil, fmt.Errorf("service %s: %w", one.name, err)
	}
	return one, nil
}

// begin starts the service's container.
func (s *services) begin(v *invocation, image Image, out, errOut io.Writer) (*service, *running, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.forgetEnded(v.options.Name)
	name := v.options.Name
	if name == "" {
		name = s.freeName(nameOf(v.image))
	}
	lines := func(to io.Writer, prefix string) *lineWriter {
		return &lineWriter{to: to, prefix: prefix, lock: &s.console}
	}
	ctx, cancel := context.WithCancel(s.life)
	one := &service{
		name: name, image: image, options: v.options, policy: v.restart, runtime: s.runtime,
		out: lines(out, name+" | "), err: lines(errOut, name+" | "), own: lines(errOut, ""),
		cancel: cancel, done: make(chan struct{}),
	}
	one.options.Name = name
	c, err := one.start()
	if err != nil {
		cancel()
		return nil, nil, err
	}
	s.list = append(s.list, one)
	go one.supervise(ctx, c)
	return one, c, nil
}

// await returns when the container is healthy. One that ended is not, though it
// may be started again.
func (one *service) await(ctx context.Context, c *running, h Health) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	one.setState("starting")
	healthy := make(chan error, 1)
	go func() { healthy <- c.awaitHealthy(ctx, h) }()
	select {
	case err := <-healthy:
		if err == nil {
			one.setState("healthy")
		}
		return err
	case <-c.ended:
		return errors.New("ended before it was healthy")
	}
}

// named finds a service.
func (s *services) named(name string) (*service, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	i := slices.IndexFunc(s.list, func(one *service) bool { return one.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no service is named %s", name)
	}
	return s.list[i], nil
}

// stopNamed stops these services, or all of them, the last started first.
func (s *services) stopNamed(names []string) error {
	for _, name := range names {
		if _, err := s.named(name); err != nil {
			return err
		}
	}
	s.lock.Lock()
	list := slices.Clone(s.list)
	s.lock.Unlock()
	slices.Reverse(list)
	for _, one := range list {
		if len(names) == 0 || slices.Contains(names, one.name) {
			s.stop(one)
		}
	}
	return nil
}

// stop ends a service and forgets it.
func (s *services) stop(one *service) {
	one.cancel()
	<-one.done
	s.lock.Lock()
	defer s.lock.Unlock()
	s.list = slices.DeleteFunc(s.list, func(other *service) bool { return other == one })
}

// forgetEnded frees the name of a service that has ended.
func (s *services) forgetEnded(name string) {
	s.list = slices.DeleteFunc(s.list, func(one *service) bool {
		select {
		case <-one.done:
			return one.name == name
		default:
			return false
		}
	})
}

func (s *services) freeName(wanted string) string {
	name := wanted
	for n := 2; slices.ContainsFunc(s.list, func(one *service) bool { return one.name == name }); n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	return name
}

// nameOf makes a name of an image's reference: the last part of its path.
func nameOf(reference string) string {
	name, _, _ := strings.Cut(reference, "@")
	name = path.Base(name)
	name, _, _ = strings.Cut(name, ":")
	if checkName(name) != nil {
		return "service"
	}
	return name
}
