package service

import (
	"context"

	"bootrc/kit/command"
	"bootrc/oci/container"
	"bootrc/oci/container/streams"

	"github.com/spf13/pflag"
)

// Commands returns the shell's command for services.
func Commands(s *Services) []command.Command {
	return []command.Command{{
		Name: "service", Args: "start [RUNC-RUN'S OPTIONS] IMAGE [COMMAND…] | ls | exec [-i] [-t] NAME COMMAND… | stop [NAME…]",
		Summary: "run containers in the background", Run: s.run,
	}}
}

func (s *Services) run(ctx context.Context, call *command.Call) error {
	if len(call.Args) == 0 {
		return command.Usagef("start, ls, exec or stop?")
	}
	verb := call.Args[0]
	call.Args = call.Args[1:]
	switch verb {
	case "start":
		v, err := container.Parse(call)
		if err != nil {
			return container.Failed(call, err)
		}
		return s.Detach(ctx, call, v)
	case "ls":
		s.printAll(call)
		return nil
	case "exec":
		return s.execIn(ctx, call)
	case "stop":
		return s.stopNamed(call.Args)
	}
	return command.Usagef("%q is neither start, ls, exec nor stop", verb)
}

// Detach is container.Detach: it starts a service.
func (s *Services) Detach(ctx context.Context, call *command.Call, v *container.Invocation) error {
	image, release, err := v.GetImage(ctx, call, s.open)
	if err != nil {
		return container.Failed(call, err)
	}
	one, err := s.start(ctx, v, image, call.Stdout, call.Stderr)
	if err != nil {
		release()
		return container.Failed(call, err)
	}
	go func() {
		<-one.done
		release()
	}()
	if v.Detach {
		call.Printf("%s\n", one.name)
	}
	return nil
}

func (s *Services) printAll(call *command.Call) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, one := range s.list {
		call.Printf("%s\t%s\t%s\n", one.name, one.image.Name, one.State())
	}
}

// execIn is podman-exec(1) for services.
func (s *Services) execIn(ctx context.Context, call *command.Call) error {
	stdio := streams.Stdio{Stdin: call.Stdin, Stdout: call.Stdout, Stderr: call.Stderr}
	f := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.BoolVarP(&stdio.Terminal, "tty", "t", false, "")
	f.BoolVarP(&stdio.Interactive, "interactive", "i", false, "")
	if err := f.Parse(call.Args); err != nil {
		return container.Failed(call, container.FlagError(err))
	}
	if f.NArg() < 2 {
		return command.Usagef("expected a service's name and a command")
	}
	one, err := s.named(f.Arg(0))
	if err != nil {
		return container.Failed(call, err)
	}
	status, err := one.exec(ctx, f.Args()[1:], stdio)
	if err != nil {
		return container.Failed(call, err)
	}
	if status != 0 {
		return command.Status(status)
	}
	return nil
}
