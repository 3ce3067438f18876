package container

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	_ "bootrc/oci/container/first" // what libcontainer starts this program again for

	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/specconv"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// stopTimeout is how long a container may take to end after it was told to.
const stopTimeout = 10 * time.Second

// Runtime runs containers.
type Runtime struct {
	Bundles string // folder for the containers' changes to their images
	State   string // folder for libcontainer's records, in memory

	// Made, where it is set, is called when a container is made, before its own
	// program starts.
	Made func()
}

// Run runs a container from image to its end, and removes it. It returns the
// exit status of its process: 128 and the signal's number where a signal ended
// it. An error means that the container could not be created or started. When
// ctx ends, the process gets SIGINT, and SIGKILL ten seconds later.
func (r Runtime) Run(ctx context.Context, image Image, o Options, stdio Stdio) (status int, err error) {
	id := o.Name
	if id == "" {
		id = newID()
	}
	if err := os.MkdirAll(r.Bundles, 0o711); err != nil {
		return 0, err
	}
	b, err := newBundle(r.Bundles, id, image.Layers)
	if errors.Is(err, os.ErrExist) {
		return 0, fmt.Errorf("a container with the name %q is there already", id)
	}
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := b.remove(); e != nil && err == nil {
			err = e
		}
	}()
	spec, err := newSpec(id, b.root(), image, o)
	if err != nil {
		return 0, err
	}
	if o.Privileged {
		if err := b.addHostDevices(spec); err != nil {
			return 0, err
		}
	}
	if err := b.addFiles(spec.Hostname, o); err != nil {
		return 0, err
	}
	return r.runSpec(ctx, id, spec, stdio)
}

func newID() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (r Runtime) runSpec(ctx context.Context, id string, spec *specs.Spec, stdio Stdio) (int, error) {
	config, err := specconv.CreateLibcontainerConfig(&specconv.CreateOpts{CgroupName: id, Spec: spec})
	if err != nil {
		return 0, err
	}
	c, err := libcontainer.Create(r.State, id, config)
	if err != nil {
		return 0, fmt.Errorf("creating container %s in %s: %w", id, filepath.Join(r.State, id), err)
	}
	defer c.Destroy()
	streams, err := newStreams(stdio)
	if err != nil {
		return 0, err
	}
	process := newProcess(spec.Process, streams)
	if err := r.launch(c, process); err != nil {
		streams.abandon()
		return 0, &StartError{spec.Process.Args[0], err}
	}
	streams.started()
	defer streams.finish()
	return wait(ctx, c, process)
}

// launch makes the container and then starts its own program.
func (r Runtime) launch(c *libcontainer.Container, process *libcontainer.Process) error {
	if err := c.Start(process); err != nil {
		return err
	}
	if r.Made != nil {
		r.Made()
	}
	return c.Exec()
}

// StartError reports a container that was made, but whose command could not be
// started.
type StartError struct {
	Command string
	Err     error
}

func (e *StartError) Error() string { return fmt.Sprintf("starting %s: %v", e.Command, e.Err) }
func (e *StartError) Unwrap() error { return e.Err }

func newProcess(p *specs.Process, s *streams) *libcontainer.Process {
	process := &libcontainer.Process{
		Args: p.Args, Env: p.Env, Cwd: p.Cwd,
		UID: int(p.User.UID), GID: int(p.User.GID),
		Init: true, LogLevel: "3",
		Stdin: s.stdin, Stdout: s.stdout.theirs, Stderr: s.stderr.theirs,
	}
	for _, g := range p.User.AdditionalGids {
		process.AdditionalGroups = append(process.AdditionalGroups, int(g))
	}
	return process
}

// wait waits for the container's process, and ends it when ctx does.
func wait(ctx context.Context, c *libcontainer.Container, process *libcontainer.Process) (int, error) {
	ended := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ended:
			return
		case <-ctx.Done():
			c.Signal(unix.SIGINT)
		}
		select {
		case <-ended:
		case <-time.After(stopTimeout):
			c.Signal(unix.SIGKILL)
		}
	}()
	state, err := process.Wait()
	close(ended)
	<-stopped
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return exitStatus(state), nil
}

func exitStatus(state *os.ProcessState) int {
	ws, ok := state.Sys().(unix.WaitStatus)
	if ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return state.ExitCode()
}
