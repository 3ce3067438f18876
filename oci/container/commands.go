package container

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/oci/container/cdi"
	"bootrc/oci/container/streams"
	"bootrc/oci/store"
)

// What runc-run's status is where the container did not give one: podman-run(1),
// "Exit Status".
const (
	StatusError         = 125 // the container could not be made
	StatusNotExecutable = 126 // its command could not be called
	StatusNotFound      = 127 // its command is not there
)

var statuses = []string{
	"125: the container could not be made",
	"126: its command could not be called",
	"127: its command is not there",
	"any other: the command's own; 128 and the signal's number where a signal ended it",
}

// Detach starts a container that goes on in the background: --detach.
type Detach func(ctx context.Context, call *command.Call, v *Invocation) error

// Commands returns the shell's commands for containers. They ask open for the
// store when they run.
func Commands(r Runtime, open func() (*store.Store, error), detach Detach) []command.Command {
	c := commands{runtime: r, open: open, detach: detach, created: new(created)}
	return append(cdi.Commands(), []command.Command{
		Declare(command.Command{
			Name: "runc-run", Summary: "run a container to its end, with podman-run(1)'s options and exit status",
			Statuses: statuses, Run: c.run,
			Examples: []string{"runc-run -ti docker.io/library/alpine:3.20", "runc-run --rm -v job:/results -w /results alpine sh -c 'make test'"},
		}),
		Declare(command.Command{
			Name: "runc-create", Summary: "make a container, whose command runc-start starts on the same streams", Run: c.create,
		}),
		{
			Name: "runc-start", Summary: "run a container of runc-create's to its end", Operands: "[NAME]",
			Forms:    []string{"NAME", "--latest"},
			Options:  []command.Option{{Names: "-l, --latest", Help: "run the one that was made last"}},
			Statuses: statuses, Misuse: StatusError, Run: c.start,
		},
		r.secretCommand(),
	}...)
}

type commands struct {
	runtime Runtime
	open    func() (*store.Store, error)
	detach  Detach
	created *created
}

func (c commands) run(ctx context.Context, call *command.Call) error {
	v, err := Read(call)
	if err != nil {
		return err
	}
	if v.Detach {
		return c.detach(ctx, call, v)
	}
	if v.Restart != (RestartPolicy{}) {
		return command.Usagef("--restart is for services: with --detach, or service start")
	}
	image, release, err := v.GetImage(ctx, call, c.open)
	if err != nil {
		return Failure(err)
	}
	defer release()
	defer call.Record("container", v.Image, time.Now(), 0)
	status, err := c.runtime.Run(ctx, image, v.Options, stdioOf(call))
	return ended(status, err)
}

func stdioOf(call *command.Call) streams.Stdio {
	return streams.Stdio{Stdin: call.Stdin, Stdout: call.Stdout, Stderr: call.Stderr}
}

// ended passes a container's status on. An error that came later, when the container was
// removed, does not replace a failure of its own.
func ended(status int, err error) error {
	if err != nil {
		return failure(cmp.Or(uint8(status), StatusOf(err)), err)
	}
	if status != 0 {
		return command.Status(status)
	}
	return nil
}

// Failure gives an error of this package podman's exit status, and one line.
func Failure(err error) error {
	return failure(StatusOf(err), err)
}

func failure(status uint8, err error) error {
	return &command.Failure{Status: status, Err: errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))}
}

// StatusOf returns podman-run(1)'s exit status for an error of this package.
func StatusOf(err error) uint8 {
	var start *StartError
	if !errors.As(err, &start) {
		return StatusError
	}
	// the container's first process can send no more than text
	switch text := start.Err.Error(); {
	case errors.Is(err, errNoWorkdir), errors.Is(err, errWorkdirNoFolder), errors.Is(err, errNotRun):
		return StatusNotExecutable
	case errors.Is(err, ErrNotRunning):
		return StatusError
	case strings.Contains(text, "executable file not found"), strings.Contains(text, errNotFound.Error()):
		return StatusNotFound
	case strings.Contains(text, "permission denied"), strings.Contains(text, errNotExecutable.Error()), strings.Contains(text, "is a directory"):
		return StatusNotExecutable
	}
	return StatusError
}
