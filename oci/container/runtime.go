package container

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bootrc/oci/container/bundle"
	_ "bootrc/oci/container/first" // what libcontainer starts this program again for
	"bootrc/oci/container/record"
	"bootrc/oci/container/streams"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/manager"
	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/specconv"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Runtime runs containers.
type Runtime struct {
	Bundles string // folder for the containers' changes to their images
	State   string // folder for libcontainer's records, in memory

	// Records, where it is set, keeps what is known of the containers of this boot.
	Records record.Folder
	Secrets string // folder for what --secret names, in memory

	// Made, where it is set, is called when a container is made, before its own
	// program starts.
	Made func()

	// Volume finds a named volume's folder, and makes the volume where there is
	// none. Without it, there are no named volumes.
	Volume func(name string) (folder string, err error)
}

// Run runs a container from image to its end, and removes it. It returns the
// exit status of its process: 128 and the signal's number where a signal ended
// it. An error means that the container could not be created or started. When
// ctx ends, the process gets its stop signal, or SIGINT where it has none, and
// after Options.StopTimeout SIGKILL.
func (r Runtime) Run(ctx context.Context, image Image, o Options, stdio streams.Stdio) (status int, err error) {
	c, err := r.Start(image, o, stdio, unix.SIGINT)
	if err != nil {
		return 0, err
	}
	return c.Wait(ctx)
}

// Start makes a container and starts its program.
func (r Runtime) Start(image Image, o Options, stdio streams.Stdio, usual unix.Signal) (*Container, error) {
	c, err := r.Create(image, o, stdio, usual)
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, c.Discard(err)
	}
	return c, nil
}

// Create makes a container, whose program does not run yet. What stdio says of
// terminal and input is overridden by the options. usual is the stop signal where
// neither the options nor the image have one.
func (r Runtime) Create(image Image, o Options, stdio streams.Stdio, usual unix.Signal) (_ *Container, err error) {
	c := &Container{Name: o.Name, made: r.Made, ended: make(chan struct{})}
	if c.Name == "" {
		c.Name = newName()
	}
	defer func() {
		if err != nil {
			err = c.Discard(err)
		}
	}()
	if c.bundle, err = r.newBundle(c.Name, image.Layers); err != nil {
		return nil, err
	}
	d := &draft{name: c.Name, image: image, options: o, bundle: c.bundle, runtime: r}
	defer func() { d.choosing.Close() }() // of nil, too
	if err := d.write(); err != nil {
		return nil, err
	}
	c.stop = newStop(d.command, image, o, usual)
	if c.inner, err = r.create(c.Name, d.Spec); err != nil {
		return nil, err
	}
	c.first, c.limits = d.Process, d.limits
	c.record = r.beginRecording(d, c.inner.ID(), c.stop)
	stdio.Terminal, stdio.Interactive = o.Terminal, o.Interactive
	return c, c.makeProcess(c.record.tee(stdio))
}

// newBundle takes the name from a container whose maker was killed.
func (r Runtime) newBundle(name string, layers []string) (*bundle.Bundle, error) {
	b, err := bundle.New(r.Bundles, name, layers)
	if !errors.Is(err, fs.ErrExist) {
		return b, err
	}
	orphan, err := bundle.Orphan(r.Bundles, name)
	if err != nil {
		return nil, err
	}
	if orphan == nil {
		return nil, fmt.Errorf("a container with the name %q is there already", name)
	}
	if err := errors.Join(r.end(name), orphan.Remove()); err != nil {
		return nil, fmt.Errorf("removing what is left of a container with the name %q: %w", name, err)
	}
	return bundle.New(r.Bundles, name, layers)
}

// killTimeout is how long the processes of an orphan may take to end.
const killTimeout = 10 * time.Second

// end ends what runs in the container of that name, and forgets it.
func (r Runtime) end(name string) error {
	c, err := libcontainer.Load(r.State, name)
	if err != nil {
		// its record was cut short, or there is none
		return os.RemoveAll(filepath.Join(r.State, name))
	}
	for deadline := time.Now().Add(killTimeout); ; time.Sleep(10 * time.Millisecond) {
		if status, err := c.Status(); err != nil || status == libcontainer.Stopped {
			return errors.Join(err, c.Destroy())
		}
		if time.Now().After(deadline) {
			return errors.New("its processes do not end")
		}
		c.Signal(unix.SIGKILL)
	}
}

// clear takes away what an earlier container of that name has left: its record, and
// processes in its control group. The name is this container's, so nobody else's they are.
func (r Runtime) clear(name string, config *configs.Config) error {
	if err := r.end(name); err != nil {
		return err
	}
	group, err := manager.New(config.Cgroups)
	if err != nil {
		return err
	}
	group.Freeze(cgroups.Thawed) // where it is frozen, nothing in it ends
	for deadline := time.Now().Add(killTimeout); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		pids, err := group.GetAllPids()
		if err != nil || len(pids) == 0 {
			break
		}
		for _, pid := range pids {
			unix.Kill(pid, unix.SIGKILL)
		}
	}
	return group.Destroy()
}

// Running returns a container whose program runs, whichever process runs it. Where there is none,
// the error wraps ErrNotRunning.
func (r Runtime) Running(name string) (*libcontainer.Container, error) {
	c, err := libcontainer.Load(r.State, name)
	if errors.Is(err, libcontainer.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, ErrNotRunning)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if status, err := c.Status(); err != nil || status != libcontainer.Running {
		return nil, errors.Join(err, fmt.Errorf("%s: %w", name, ErrNotRunning))
	}
	return c, nil
}

// processOf returns the number of the first process of a container that runs.
func (r Runtime) processOf(name string) (pid int, err error) {
	c, err := r.Running(name)
	if err != nil {
		return 0, err
	}
	s, err := c.State()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return s.InitProcessPid, nil
}

// Abandoned tells whether a container is there still, and whoever ran it is gone.
func (r Runtime) Abandoned(name string) bool {
	orphan, err := bundle.Orphan(r.Bundles, name)
	if err != nil || orphan == nil {
		return false
	}
	orphan.Release()
	return true
}

func newName() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (r Runtime) create(name string, spec *specs.Spec) (*libcontainer.Container, error) {
	// libcontainer hands this to the container's first process, and on to no other: it
	// has no use for the threads that Go starts for more processors
	os.Setenv("GOMAXPROCS", "1")
	config, err := specconv.CreateLibcontainerConfig(&specconv.CreateOpts{CgroupName: name, Spec: spec})
	if err != nil {
		return nil, err
	}
	c, err := libcontainer.Create(r.State, name, config)
	if err != nil && r.clear(name, config) == nil {
		c, err = libcontainer.Create(r.State, name, config)
	}
	if err != nil {
		return nil, fmt.Errorf("creating container %s in %s: %w", name, filepath.Join(r.State, name), err)
	}
	return c, nil
}
