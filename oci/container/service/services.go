package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"bootrc/oci/container"
	"bootrc/oci/store"
)

// Services are the containers that run in the background, in the order in which
// they were started.
type Services struct {
	life    context.Context // they stop when it ends
	runtime container.Runtime
	open    func() (*store.Store, error)
	console sync.Mutex // held while a line is written

	lock sync.Mutex
	list []*service
}

// New returns no services yet. Those that start take their images from the store that
// open returns, and stop when life ends.
func New(life context.Context, r container.Runtime, open func() (*store.Store, error)) *Services {
	return &Services{life: life, runtime: r, open: open}
}

// start starts a service, and returns when it runs and, where it has a
// health check, works. What its container writes comes as lines behind its name.
func (s *Services) start(ctx context.Context, v *container.Invocation, image container.Image, out, errOut io.Writer) (*service, error) {
	one, c, err := s.begin(v, image, out, errOut)
	if err != nil {
		return nil, err
	}
	health, checked := v.Options.Health.Complete(image.Config.Healthcheck)
	if !checked {
		return one, nil
	}
	err = one.await(ctx, c, health)
	switch {
	case err == nil, errors.Is(err, errEnded) && !v.Options.Health.Asked():
	case v.Options.Health.Asked() || ctx.Err() != nil:
		s.end(one)
		return nil, fmt.Errorf("service %s: %w", one.name, err)
	default:
		fmt.Fprintf(one.own, "service %s: %v; it goes on, because the check is the image's (with --health-retries=, --health-interval=, --health-timeout= or --health-start-period= it would end)\n", one.name, err)
	}
	go one.watch(health)
	return one, nil
}

// begin starts the service's container.
func (s *Services) begin(v *container.Invocation, image container.Image, out, errOut io.Writer) (*service, *container.Container, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.forgetEnded(v.Options.Name)
	name := v.Options.Name
	if name == "" {
		name = s.freeName(nameOf(v.Image))
	}
	lines := func(to io.Writer, prefix string) *lineWriter {
		return &lineWriter{to: to, prefix: prefix, lock: &s.console}
	}
	life, cancel := context.WithCancel(s.life)
	one := &service{
		name: name, image: image, options: v.Options, policy: v.Restart, runtime: s.runtime,
		out: lines(out, name+" | "), err: lines(errOut, name+" | "), own: lines(errOut, ""),
		life: life, cancel: cancel, done: make(chan struct{}),
	}
	one.options.Name = name
	c, err := one.start()
	if err != nil {
		cancel()
		return nil, nil, err
	}
	s.list = append(s.list, one)
	go one.supervise(c)
	return one, c, nil
}

// await returns when the container is healthy. One that ended is not, though it
// may be started again.
func (one *service) await(ctx context.Context, c *container.Container, h container.Health) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	one.setHealth(c, healthStarting)
	healthy := make(chan error, 1)
	go func() { healthy <- awaitHealthy(ctx, c, h) }()
	select {
	case err := <-healthy:
		state := healthGood
		if err != nil {
			state = healthBad
		}
		one.setHealth(c, state)
		return err
	case <-c.Ended():
		return errEnded
	}
}

// What the checks say of a service, in podman's words.
const (
	healthStarting = "starting"
	healthGood     = "healthy"
	healthBad      = "unhealthy"
)

var errEnded = errors.New("ended before it was healthy")

// named finds a service.
func (s *Services) named(name string) (*service, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	i := slices.IndexFunc(s.list, func(one *service) bool { return one.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no service is named %s: `service ls` lists them", name)
	}
	return s.list[i], nil
}

// stopNamed stops these services, or all of them, the last started first.
func (s *Services) stopNamed(names []string) error {
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
			s.end(one)
		}
	}
	return nil
}

// end stops a service and forgets it.
func (s *Services) end(one *service) {
	one.cancel()
	<-one.done
	s.lock.Lock()
	defer s.lock.Unlock()
	s.list = slices.DeleteFunc(s.list, func(other *service) bool { return other == one })
}

// forgetEnded frees the name of a service that has ended.
func (s *Services) forgetEnded(name string) {
	s.list = slices.DeleteFunc(s.list, func(one *service) bool {
		select {
		case <-one.done:
			return one.name == name
		default:
			return false
		}
	})
}

func (s *Services) freeName(wanted string) string {
	name := wanted
	for n := 2; slices.ContainsFunc(s.list, func(one *service) bool { return one.name == name }); n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	return name
}

// shortID is how many digits name a service whose image is an ID, as in podman's lists.
const shortID = 12

// nameOf makes a name of an image's reference: the last part of its path, or the first digits of its ID.
func nameOf(reference string) string {
	if id, err := hex.DecodeString(strings.TrimPrefix(reference, "sha256:")); err == nil && len(id) == sha256.Size {
		return hex.EncodeToString(id)[:shortID]
	}
	name, _, _ := strings.Cut(reference, "@")
	name = path.Base(name)
	name, _, _ = strings.Cut(name, ":")
	if container.CheckName(name) != nil {
		return "service"
	}
	return name
}
