package manage

import (
	"context"
	"fmt"

	"bootrc/kit/command"
	"bootrc/oci/container"
	"bootrc/oci/container/streams"

	"github.com/opencontainers/runc/libcontainer"
)

// exec runs a command with what the container's first process has, but for what the options
// say.
func (m manager) exec(ctx context.Context, call *command.Call) error {
	name, words := call.Args[0], call.Args[1:]
	if len(words) == 0 {
		return command.Usagef("no command given")
	}
	r, c, err := m.running(name)
	if err != nil {
		return container.Failure(err)
	}
	p := *r.Process
	p.Args, p.Env = words, container.AddVariables(p.Env, call)
	if folder := call.Text("workdir"); folder != "" {
		p.Cwd = folder
	}
	if user := call.Text("user"); user != "" {
		if err := container.SetUser(&p, fmt.Sprintf("/proc/%d/root", r.State.Pid), user); err != nil {
			return container.Failure(err)
		}
	}
	stdio := streams.Stdio{Stdin: call.Stdin, Stdout: call.Stdout, Stderr: call.Stderr, Terminal: call.Flag("tty"), Interactive: call.Flag("interactive")}
	status, err := container.Enter(ctx, container.NewProcess(&p, r.Limits), stdio, func(process *libcontainer.Process) error {
		return c.Run(process)
	})
	switch {
	case err != nil:
		return container.Failure(err)
	case status != 0:
		return command.Status(status)
	}
	return nil
}
