package container

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/oci"
	"bootrc/oci/container/streams"
	"bootrc/oci/registry"
	"bootrc/oci/store"

	"github.com/spf13/pflag"
)

// What runc-run's status is where the container did not give one: podman-run(1),
// "Exit Status".
const (
	StatusError         = 125 // the container could not be made
	StatusNotExecutable = 126 // its command could not be called
	StatusNotFound      = 127 // its command is not there
)

// Detach starts a container that goes on in the background: --detach.
type Detach func(ctx context.Context, call *command.Call, v *Invocation) error

// Commands returns the shell's commands for containers. They ask open for the
// store when they run.
func Commands(r Runtime, open func() (*store.Store, error), detach Detach) []command.Command {
	c := commands{runtime: r, open: open, detach: detach, created: new(created)}
	return []command.Command{
		{Name: "runc-run", Args: "[OPTIONS] IMAGE [COMMAND…]",
			Summary: "run a container to its end, with podman-run(1)'s options and exit status", Run: c.run},
		{Name: "runc-create", Args: "[RUNC-RUN'S OPTIONS] IMAGE [COMMAND…]",
			Summary: "make a container, whose command runc-start starts on the same streams", Run: c.create},
		{Name: "runc-start", Args: "NAME | --latest",
			Summary: "run a container of runc-create's to its end", Run: c.start},
	}
}

type commands struct {
	runtime Runtime
	open    func() (*store.Store, error)
	detach  Detach
	created *created
}

func (c commands) run(ctx context.Context, call *command.Call) error {
	v, err := Parse(call)
	if err != nil {
		return Failed(call, err)
	}
	if v.Detach {
		return c.detach(ctx, call, v)
	}
	if v.Restart != (RestartPolicy{}) {
		return Failed(call, errors.New("--restart is for services: with --detach, or service start"))
	}
	image, release, err := v.GetImage(ctx, call, c.open)
	if err != nil {
		return Failed(call, err)
	}
	defer release()
	defer call.Record("container", v.Image, time.Now(), 0)
	status, err := c.runtime.Run(ctx, image, v.Options, stdioOf(call))
	return ended(call, status, err)
}

func stdioOf(call *command.Call) streams.Stdio {
	return streams.Stdio{Stdin: call.Stdin, Stdout: call.Stdout, Stderr: call.Stderr}
}

// ended passes a container's status on.
func ended(call *command.Call, status int, err error) error {
	if err != nil {
		return Failed(call, err)
	}
	if status != 0 {
		return command.Status(status)
	}
	return nil
}

// GetImage returns the image, which nobody removes until it is released.
func (v *Invocation) GetImage(ctx context.Context, call *command.Call, open func() (*store.Store, error)) (_ Image, release func(), err error) {
	policy, err := oci.ParsePolicy(v.origin.policy)
	if err != nil {
		return Image{}, nil, err
	}
	o := oci.Options{
		Architecture: v.origin.architecture, Variant: v.origin.variant,
		Registry: registry.Options{
			TLSVerify: v.origin.tlsVerify, AuthFile: firstOf(v.origin.authFile, call.Getenv("REGISTRY_AUTH_FILE")),
		},
	}
	if o.Offline, err = oci.ParseOffline(v.origin.offline); err != nil {
		return Image{}, nil, err
	}
	if v.origin.creds != "" {
		if o.Registry.Credentials, err = registry.ParseCredentials(v.origin.creds); err != nil {
			return Image{}, nil, err
		}
	}
	s, err := open()
	if err != nil {
		return Image{}, nil, err
	}
	found, err := oci.GetFor(ctx, call, s, v.Image, policy, o)
	if err != nil {
		return Image{}, nil, err
	}
	release, err = s.Hold(ctx, found)
	if err != nil {
		return Image{}, nil, err
	}
	return Image{Name: v.Image, Layers: found.Layers, Config: found.Config.Config}, release, nil
}

// Failed says why there is no container, and with which status of podman's.
func Failed(call *command.Call, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return nil
	}
	fmt.Fprintf(call.Stderr, "%s: %s\n", call.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
	return command.Status(StatusOf(err))
}

// StatusOf returns podman-run(1)'s exit status for an error of this package.
func StatusOf(err error) int {
	var start *StartError
	if !errors.As(err, &start) {
		return StatusError
	}
	// the container's first process can send no more than text
	switch text := start.Err.Error(); {
	case errors.Is(err, errNoWorkdir):
		return StatusNotExecutable
	case strings.Contains(text, "executable file not found"), strings.Contains(text, "no such file or directory"):
		return StatusNotFound
	case strings.Contains(text, "permission denied"), strings.Contains(text, "exec format error"), strings.Contains(text, "is a directory"):
		return StatusNotExecutable
	}
	return StatusError
}
