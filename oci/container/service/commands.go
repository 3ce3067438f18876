package service

import (
	"context"

	"bootrc/kit/command"
	"bootrc/oci/container"
)

// Commands returns the shell's command for services.
func Commands(s *Services) []command.Command {
	return []command.Command{{
		Name: "service", Summary: "run containers in the background",
		Verbs: []command.Command{
			container.Declare(command.Command{
				Name: "start", Summary: "start a service, and return when it runs and, where it has a health check, is healthy", Run: s.startOne,
			}),
			{Name: "ls", Summary: "list services: name, image and state", Run: s.printAll},
			{Name: "stop", Summary: "stop services, or all of them, the last started first", Operands: "[NAME…]", Run: s.stop},
		},
	}}
}

func (s *Services) startOne(ctx context.Context, call *command.Call) error {
	v, err := container.Read(call)
	if err != nil {
		return err
	}
	return s.Detach(ctx, call, v)
}

func (s *Services) stop(_ context.Context, call *command.Call) error { return s.stopNamed(call.Args) }

// Detach is container.Detach: it starts a service.
func (s *Services) Detach(ctx context.Context, call *command.Call, v *container.Invocation) error {
	image, release, err := v.GetImage(ctx, call, s.open)
	if err != nil {
		return container.Failure(err)
	}
	one, err := s.start(ctx, v, image, call.Stdout, call.Stderr)
	if err != nil {
		release()
		return container.Failure(err)
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

func (s *Services) printAll(_ context.Context, call *command.Call) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, one := range s.list {
		call.Printf("%s\t%s\t%s\n", one.name, one.image.Name, one.State())
	}
	return nil
}
