package nbd

import (
	"context"
	"errors"

	"bootrc/kit/command"
)

// Commands returns the shell's command for network block devices.
func Commands() []command.Command {
	return []command.Command{{
		Name:    "nbd",
		Args:    "attach DEVICE,host=HOST[,port=PORT][,connections=N][,name=EXPORT] | detach [DEVICE…] | ls",
		Summary: "attach a network block device, as b2c.nbd= does, detach these or all, or list them",
		Run: func(ctx context.Context, call *command.Call) error {
			if len(call.Args) == 0 {
				return command.Usagef("expected attach, detach or ls")
			}
			switch verb, args := call.Args[0], call.Args[1:]; {
			case verb == "attach" && len(args) == 1:
				return attach(ctx, call, args[0])
			case verb == "detach":
				return detach(args)
			case verb == "ls" && len(args) == 0:
				return list(call)
			}
			return command.Usagef("expected attach, detach or ls")
		},
	}}
}

func attach(ctx context.Context, call *command.Call, text string) error {
	spec, err := Parse(text)
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

func detach(devices []string) error {
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

func list(call *command.Call) error {
	devices, err := Devices()
	for _, device := range devices {
		call.Printf("%s\n", device)
	}
	return err
}
