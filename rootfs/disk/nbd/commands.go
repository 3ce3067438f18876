package nbd

import (
	"context"
	"errors"

	"bootrc/kit/command"
)

// Commands returns the shell's command for network block devices.
func Commands() []command.Command {
	return []command.Command{{
		Name: "nbd", Summary: "attach, detach and list network block devices",
		Verbs: []command.Command{
			{Name: "attach", Summary: "attach a network block device, as b2c.nbd= does", Operands: "SPEC",
				Forms: []string{"DEVICE,host=HOST[,port=PORT][,connections=N][,name=EXPORT]"}, Run: attach},
			{Name: "detach", Summary: "detach these devices, or all", Operands: "[DEVICE…]", Run: detach},
			{Name: "ls", Summary: "list the devices that are attached", Run: list},
		},
	}}
}

func attach(ctx context.Context, call *command.Call) error {
	spec, err := Parse(call.Args[0])
	if err != nil {
		return err
	}
	a, err := Attach(ctx, spec)
	if err != nil {
		return err
	}
	mode := ""
	if a.ReadOnly {
		mode = ", read-only"
	}
	call.Printf("%s: %d bytes from %s, connections: %d%s\n", spec.Device(), a.Size, spec.address(), a.Connections, mode)
	return nil
}

func detach(_ context.Context, call *command.Call) error {
	devices := call.Args
	if len(devices) == 0 {
		var err error
		if devices, err = Devices(); err != nil {
			return err
		}
	}
	var failed error
	for _, device := range devices {
		failed = errors.Join(failed, Detach(device))
	}
	return failed
}

func list(_ context.Context, call *command.Call) error {
	devices, err := Devices()
	for _, device := range devices {
		call.Printf("%s\n", device)
	}
	return err
}
