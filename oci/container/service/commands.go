package container

import (
	"context"

	"bootrc/kit/command"

	"github.com/spf13/pflag"
)

// service is the command of that name.
func (c commands) service(ctx context.Context, call *command.Call) error {
	if len(call.Args) == 0 {
		return command.Usagef("start, ls, exec or stop?")
	}
	verb := call.Args[0]
	call.Args = call.Args[1:]
	switch verb {
	case "start":
		v, err := parse(call)
		if err != nil {
			return failed(call, err)
		}
		return c.startService(ctx, call, v)
	case "ls":
		c.listServices(call)
		return nil
	case "exec":
		return c.execInService(ctx, call)
	case "stop":
		return c.services.stopNamed(call.Args)
	}
	return command.Usagef("%q is neither start, ls, exec nor stop", verb)
}

func (c commands) startService(ctx context.Context, call *command.Call, v *invocation) error {
	image, release, err := v.getImage(ctx, call, c.open)
	if err != nil {
		return failed(call, err)
	}
	one, err := c.services.start(ctx, v, image, call.Stdout, call.Stderr)
	if err != nil {
		release()
		return failed(call, err)
	}
	go func() {
		<-one.done
		release()
	}()
	if v.detach {
		call.Printf("%s\n", one.name)
	}
	return nil
}

func (c commands) listServices(call *command.Call) {
	c.services.lock.Lock()
	defer c.services.lock.Unlock()
	for _, one := range c.services.list {
		call.Printf("%s\t%s\t%s\n", one.name, one.image.Name, one.State())
	}
}

// execInService is podman-exec(1) for services.
func (c commands) execInService(ctx context.Context, call *command.Call) error {
	var o Options
	f := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.BoolVarP(&o.Terminal, "tty", "t", false, "")
	f.BoolVarP(&o.Interactive, "interactive", "i", false, "")
	if err := f.Parse(call.Args); err != nil {
		return failed(call, flagError(err))
	}
	if f.NArg() < 2 {
		return command.Usagef("expected a service's name and a command")
	}
	one, err := c.services.named(f.Arg(0))
	if err != nil {
		return failed(call, err)
	}
	status, err := one.exec(ctx, f.Args()[1:], o, Stdio{call.Stdin, call.Stdout, call.Stderr})
	if err != nil {
		return failed(call, err)
	}
	if status != 0 {
		return command.Status(status)
	}
	return nil
}
