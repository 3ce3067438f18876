package container

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/oci"
	"bootrc/oci/registry"
	"bootrc/oci/store"

	"github.com/spf13/pflag"
)

// What runc-run's status is where the container did not give one: podman-run(1),
// "Exit Status".
const (
	statusError         = 125 // the container could not be made
	statusNotExecutable = 126 // its command could not be called
	statusNotFound      = 127 // its command is not there
)

// Commands returns the shell's commands for containers. They ask open for the
// store when they run. Services stop when life ends.
func Commands(life context.Context, r Runtime, open func() (*store.Store, error)) []command.Command {
	c := commands{runtime: r, open: open, services: &services{life: life, runtime: r}, created: new(created)}
	return []command.Command{
		{Name: "runc-run", Args: "[OPTIONS] IMAGE [COMMAND…]",
			Summary: "run a container to its end, with podman-run(1)'s options and exit status", Run: c.run},
		{Name: "runc-create", Args: "[RUNC-RUN'S OPTIONS] IMAGE [COMMAND…]",
			Summary: "make a container, whose command runc-start starts on the same streams", Run: c.create},
		{Name: "runc-start", Args: "NAME | --latest",
			Summary: "run a container of runc-create's to its end", Run: c.start},
		{Name: "service", Args: "start [RUNC-RUN'S OPTIONS] IMAGE [COMMAND…] | ls | exec [-i] [-t] NAME COMMAND… | stop [NAME…]",
			Summary: "run containers in the background", Run: c.service},
	}
}

type commands struct {
	runtime  Runtime
	open     func() (*store.Store, error)
	services *services
	created  *created
}

func (c commands) run(ctx context.Context, call *command.Call) error {
	v, err := parse(call)
	if err != nil {
		return failed(call, err)
	}
	if v.detach {
		return c.startService(ctx, call, v)
	}
	if v.restart != (restartPolicy{}) {
		return failed(call, errors.New("--restart is for services: with --detach, or service start"))
	}
	image, release, err := v.getImage(ctx, call, c.open)
	if err != nil {
		return failed(call, err)
	}
	defer release()
	defer call.Record("container", v.image, time.Now(), 0)
	status, err := c.runtime.Run(ctx, image, v.options, stdioOf(call))
	return ended(call, status, err)
}

func stdioOf(call *command.Call) Stdio { return Stdio{call.Stdin, call.Stdout, call.Stderr} }

// ended passes a container's status on.
func ended(call *command.Call, status int, err error) error {
	if err != nil {
		return failed(call, err)
	}
	if status != 0 {
		return command.Status(status)
	}
	return nil
}

// getImage returns the image, which nobody removes until it is released.
func (v *invocation) getImage(ctx context.Context, call *command.Call, open func() (*store.Store, error)) (_ Image, release func(), err error) {
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
	found, err := oci.GetFor(ctx, call, s, v.image, policy, o)
	if err != nil {
		return Image{}, nil, err
	}
	release, err = s.Hold(ctx, found)
	if err != nil {
		return Image{}, nil, err
	}
	return Image{Name: v.image, Layers: found.Layers, Config: found.Config.Config}, release, nil
}

// failed says why there is no container, and with which status of podman's.
func failed(call *command.Call, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return nil
	}
	fmt.Fprintf(call.Stderr, "%s: %s\n", call.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
	return command.Status(statusOf(err))
}

func statusOf(err error) int {
	var start *StartError
	if !errors.As(err, &start) {
		return statusError
	}
	// the container's first process can send no more than text
	switch text := start.Err.Error(); {
	case errors.Is(err, errNoWorkdir):
		return statusNotExecutable
	case strings.Contains(text, "executable file not found"), strings.Contains(text, "no such file or directory"):
		return statusNotFound
	case strings.Contains(text, "permission denied"), strings.Contains(text, "exec format error"), strings.Contains(text, "is a directory"):
		return statusNotExecutable
	}
	return statusError
}
