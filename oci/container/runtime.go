package container

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	_ "bootrc/oci/container/first" // what libcontainer starts this program again for

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
func (r Runtime) Run(ctx context.Context, image Image, o Options, stdio Stdio) (status int, err error) {
	c, err := r.start(image, o, stdio, unix.SIGINT)
	if err != nil {
		return 0, err
	}
	return c.wait(ctx)
}

// running is a container whose process was made: it waits until its own program
// is started, or runs that.
type running struct {
	name    string
	inner   *libcontainer.Container
	first   *specs.Process
	limits  []configs.Rlimit
	process *libcontainer.Process // nil where none runs
	bundle  *bundle
	streams streams
	stop    stop
	ended   chan struct{} // closed at the end of the process
}

// start makes a container and starts its program.
func (r Runtime) start(image Image, o Options, stdio Stdio, usual unix.Signal) (*running, error) {
	c, err := r.make(image, o, stdio, usual)
	if err != nil {
		return nil, err
	}
	if err := r.exec(c); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// make makes a container, whose program does not run yet. usual is the stop signal
// where neither the options nor the image have one.
func (r Runtime) make(image Image, o Options, stdio Stdio, usual unix.Signal) (_ *running, err error) {
	id := o.Name
	if id == "" {
		id = newID()
	}
	c := &running{name: id, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.remove())
		}
	}()
	if c.bundle, err = r.newBundle(id, image); err != nil {
		return nil, err
	}
	spec, err := r.prepare(c.bundle, id, image, o)
	if err != nil {
		return nil, err
	}
	c.stop = newStop(spec.Process.Args, image, o, usual)
	if c.inner, err = r.create(id, spec); err != nil {
		return nil, err
	}
	return c, c.makeProcess(spec.Process, o, stdio)
}

func (r Runtime) newBundle(id string, image Image) (*bundle, error) {
	if err := os.MkdirAll(r.Bundles, 0o711); err != nil {
		return nil, err
	}
	b, err := newBundle(r.Bundles, id, image.Layers)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("a container with the name %q is there already", id)
	}
	return b, err
}

// prepare makes all of a container that is not libcontainer's.
func (r Runtime) prepare(b *bundle, id string, image Image, o Options) (*specs.Spec, error) {
	user, err := lookUpUser(b.root(), firstOf(o.User, image.Config.User), o.Groups)
	if err != nil {
		return nil, err
	}
	v := volumes{bundle: b, named: r.Volume, user: user}
	wanted, err := v.mounts(image, o)
	if err != nil {
		return nil, err
	}
	spec, err := newSpec(id, b.root(), image, o, user, wanted)
	if err != nil {
		return nil, err
	}
	if o.Privileged {
		err = b.addHostDevices(spec, o)
	} else {
		err = addDevices(spec.Linux, o)
	}
	if err != nil {
		return nil, err
	}
	hostname, err := hostname(id, o)
	if err != nil {
		return nil, err
	}
	return spec, b.addFiles(hostname, o.Resolver, spec.Mounts)
}

func newID() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (r Runtime) create(id string, spec *specs.Spec) (*libcontainer.Container, error) {
	// libcontainer hands this to the container's first process, and on to no other: it
	// has no use for the threads that Go starts for more processors
	os.Setenv("GOMAXPROCS", "1")
	config, err := specconv.CreateLibcontainerConfig(&specconv.CreateOpts{CgroupName: id, Spec: spec})
	if err != nil {
		return nil, err
	}
	c, err := libcontainer.Create(r.State, id, config)
	if err != nil {
		return nil, fmt.Errorf("creating container %s in %s: %w", id, filepath.Join(r.State, id), err)
	}
	return c, nil
}

// makeProcess makes the container's first process, which then waits.
func (c *running) makeProcess(p *specs.Process, o Options, stdio Stdio) error {
	c.first = p
	limits, err := o.Limits.list()
	if err != nil {
		return err
	}
	streams, err := newStreams(stdio, o)
	if err != nil {
		return err
	}
	process := newProcess(p)
	process.Init, process.Rlimits = true, limits
	streams.attach(process)
	if err := c.inner.Start(process); err != nil {
		streams.abandon()
		return &StartError{p.Args[0], err}
	}
	c.process, c.limits, c.streams = process, limits, streams
	return nil
}

// exec has the container's first process become its program.
func (r Runtime) exec(c *running) error {
	if r.Made != nil {
		r.Made()
	}
	if err := c.inner.Exec(); err != nil {
		c.streams.abandon()
		c.streams = nil
		return &StartError{c.first.Args[0], err}
	}
	return c.streams.start()
}

// StartError reports a container that was made, but whose command could not be
// started.
type StartError struct {
	Command string
	Err     error
}

func (e *StartError) Error() string { return fmt.Sprintf("starting %s: %v", e.Command, e.Err) }
func (e *StartError) Unwrap() error { return e.Err }

func newProcess(p *specs.Process) *libcontainer.Process {
	process := &libcontainer.Process{
		Args: p.Args, Env: p.Env, Cwd: p.Cwd,
		UID: int(p.User.UID), GID: int(p.User.GID),
		LogLevel: "3",
	}
	for _, g := range p.User.AdditionalGids {
		process.AdditionalGroups = append(process.AdditionalGroups, int(g))
	}
	return process
}

// remove leaves nothing of the container behind: no process, no mount, no file.
func (c *running) remove() error {
	var failed []error
	if c.process != nil {
		c.inner.Signal(unix.SIGKILL)
		c.process.Wait()
	}
	if c.streams != nil {
		c.streams.finish()
	}
	if c.inner != nil {
		failed = append(failed, c.inner.Destroy())
	}
	if c.bundle != nil {
		failed = append(failed, c.bundle.remove())
	}
	return errors.Join(failed...)
}
