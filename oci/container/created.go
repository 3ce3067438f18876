package container

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// created are the containers that wait to be started. A hook that makes a
// container before it starts it can tell, as with podman's create, init and start,
// a container that could not be made from one whose program failed.
type created struct {
	lock sync.Mutex
	list []*waiting
}

// waiting is a container that was made, and not started yet.
type waiting struct {
	*Container
	image   string
	release func() // gives the image back
}

func (c *created) add(w *waiting) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.list = append(c.list, w)
}

// take returns the container of that name, or the one made last, which then waits
// no more.
func (c *created) take(name string, latest bool) (*waiting, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	i := len(c.list) - 1
	if !latest {
		i = slices.IndexFunc(c.list, func(w *waiting) bool { return w.Name == name })
	}
	switch {
	case i < 0 && latest:
		return nil, errors.New("no container waits to be started")
	case i < 0:
		return nil, fmt.Errorf("no container %q waits to be started", name)
	}
	w := c.list[i]
	c.list = slices.Delete(c.list, i, i+1)
	return w, nil
}

func (c commands) create(ctx context.Context, call *command.Call) error {
	v, err := Read(call)
	if err != nil {
		return err
	}
	if v.Detach || v.Restart != (RestartPolicy{}) {
		return command.Usagef("--detach and --restart are for services: service start")
	}
	image, release, err := v.GetImage(ctx, call, c.open)
	if err != nil {
		return Failure(err)
	}
	one, err := c.runtime.Create(image, v.Options, stdioOf(call), unix.SIGINT)
	if err != nil {
		release()
		return Failure(err)
	}
	c.created.add(&waiting{one, v.Image, release})
	return nil
}

func (c commands) start(ctx context.Context, call *command.Call) error {
	name, latest := strings.Join(call.Args, ""), call.Flag("latest")
	if latest == (name != "") {
		return command.Usagef("expected the name of a container or --latest")
	}
	w, err := c.created.take(name, latest)
	if err != nil {
		return Failure(err)
	}
	defer w.release()
	defer call.Record("container", w.image, time.Now(), 0)
	if err := w.Start(); err != nil {
		return Failure(w.Discard(err))
	}
	status, err := w.Wait(ctx)
	return ended(status, err)
}
