// Package manage looks into the containers of this boot, whichever process runs them, and
// ends them: by their records, and by what libcontainer keeps of those that run.
package manage

import (
	"context"
	"errors"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/oci/container"
	"bootrc/oci/container/record"

	"github.com/opencontainers/runc/libcontainer"
)

// Commands returns the shell's command for containers that run or have ended.
func Commands(r container.Runtime) []command.Command {
	m := manager{r}
	return []command.Command{{
		Name: "containers", Summary: "list the containers of this boot, look into them, and end them",
		Options: []command.Option{{Names: "-q, --quiet", Help: "print names alone"}},
		Run:     m.list,
		Verbs: []command.Command{
			{
				Name: "exec", Summary: "run a command in a container that runs, as podman-exec(1)", Operands: "NAME COMMAND…",
				Options: []command.Option{
					{Names: "-i, --interactive", Help: "let it read standard input, which is empty otherwise"},
					{Names: "-t, --tty", Help: "give it a terminal for its standard streams"},
					container.EnvironmentOption,
					{Names: "-w, --workdir", Value: "FOLDER", Help: "run in FOLDER"},
					{Names: "-u, --user", Value: "USER[:GROUP]", Help: "run as USER"},
				},
				OptionsFirst: true, Misuse: container.StatusError, Run: m.exec,
				Examples: []string{"containers exec -ti db sh"},
			},
			{
				Name: "logs", Summary: "print the end of what a container wrote, some 32 KiB at the least", Operands: "NAME",
				Options: []command.Option{
					{Names: "-f, --follow", Help: "go on until the container ends"},
					{Names: "--tail", Value: "NUMBER", Kind: command.Count, Help: "print the last NUMBER of lines"},
				},
				Run: m.logs,
			},
			{Name: "inspect", Summary: "print what is known of containers, as podman-inspect(1) does", Operands: "NAME…", Run: m.inspect},
			{Name: "stats", Summary: "print what containers that run use: processors, memory, processes", Operands: "[NAME…]", Run: m.stats},
			{
				Name: "stop", Summary: "ask containers to end, and kill those that do not; a service is not started again", Operands: "NAME…",
				Options: []command.Option{{Names: "-t, --time", Value: "SECONDS", Kind: command.Seconds, Help: "kill them after so long (default: what they were started with, or 10)"}},
				Run:     m.stop,
			},
			{
				Name: "kill", Summary: "send containers a signal", Operands: "NAME…",
				Options: []command.Option{{Names: "-s, --signal", Value: "SIGNAL", Default: "KILL", Help: "send SIGNAL", Check: container.CheckSignal}},
				Run:     m.kill,
			},
		},
	}}
}

type manager struct{ container.Runtime }

// running returns a container of this boot whose program runs.
func (m manager) running(name string) (*record.Record, *libcontainer.Container, error) {
	r, err := m.Records.Get(name)
	if err != nil {
		return nil, nil, err
	}
	c, err := m.Running(name)
	return r, c, err
}

// each calls do with each name, and goes on after a failure.
func each(names []string, do func(name string) error) error {
	var failed []string
	for _, name := range names {
		if err := do(name); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if failed == nil {
		return nil
	}
	return &command.Failure{Status: 1, Err: errors.New(strings.Join(failed, "; "))}
}

func (m manager) logs(ctx context.Context, call *command.Call) error {
	name, lines := call.Args[0], -1
	if _, err := m.Records.Get(name); err != nil {
		return err
	}
	if call.Has("tail") {
		lines = call.Count("tail")
	}
	return m.Records.CopyLog(ctx, name, call.Stdout, lines, call.Flag("follow"))
}

func (m manager) kill(_ context.Context, call *command.Call) error {
	signal, err := container.ParseSignal(call.Text("signal"))
	if err != nil {
		return err
	}
	return each(call.Args, func(name string) error {
		_, c, err := m.running(name)
		if err != nil {
			return err
		}
		return c.Signal(signal)
	})
}

func (m manager) stop(ctx context.Context, call *command.Call) error {
	return each(call.Args, func(name string) error {
		r, err := m.Records.Get(name)
		if err != nil {
			return err
		}
		grace := time.Duration(r.Config.StopTimeout) * time.Second
		if call.Has("time") {
			grace = call.Seconds("time")
		}
		return m.end(ctx, name, grace)
	})
}
