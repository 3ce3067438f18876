package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bootrc/oci"
	"bootrc/oci/store"
	"bootrc/sh/command"
)

// What runc-run's status is where the container did not give one: podman-run(1),
// "Exit Status".
const (
	statusError         = 125 // the container could not be made
	statusNotExecutable = 126 // its command could not be called
	statusNotFound      = 127 // its command is not there
)

// Commands returns the shell's commands for containers. They ask open for the
// store when they run.
func Commands(r Runtime, open func() (*store.Store, error)) []command.Command {
	return []command.Command{{
		Name:    "runc-run",
		Args:    "[OPTIONS] IMAGE [COMMAND…]",
		Summary: "run a container to its end, with podman-run(1)'s options and exit status",
		Run: func(ctx context.Context, call *command.Call) error {
			return runcRun(ctx, call, r, open)
		},
	}}
}

func runcRun(ctx context.Context, call *command.Call, r Runtime, open func() (*store.Store, error)) error {
	v, err := parse(call.Args, call.Env)
	if err != nil {
		return failed(call, err)
	}
	image, release, err := v.getImage(ctx, call, open)
	if err != nil {
		return failed(call, err)
	}
	defer release()
	status, err := r.Run(ctx, image, v.options, Stdio{Stdout: call.Stdout, Stderr: call.Stderr})
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
	policy, err := oci.ParsePolicy(v.pull)
	if err != nil {
		return Image{}, nil, err
	}
	o := oci.Options{TLSVerify: v.tlsVerify, AuthFile: call.Getenv("REGISTRY_AUTH_FILE")}
	if o.Offline, err = oci.ParseOffline(v.offline); err != nil {
		return Image{}, nil, err
	}
	if v.creds != "" {
		if o.Credentials, err = oci.ParseCredentials(v.creds); err != nil {
			return Image{}, nil, err
		}
	}
	s, err := open()
	if err != nil {
		return Image{}, nil, err
	}
	found, err := oci.GetShown(ctx, call, s, v.image, policy, o)
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
	fmt.Fprintf(call.Stderr, "%s: %v\n", call.Name, err)
	return command.Status(statusOf(err))
}

func statusOf(err error) int {
	var start *StartError
	if !errors.As(err, &start) {
		return statusError
	}
	// the container's first process can send no more than text
	switch text := start.Err.Error(); {
	case strings.Contains(text, "executable file not found"), strings.Contains(text, "no such file or directory"):
		return statusNotFound
	case strings.Contains(text, "permission denied"), strings.Contains(text, "exec format error"):
		return statusNotExecutable
	}
	return statusError
}
