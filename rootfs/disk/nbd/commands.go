package nbd

import (
	"context"
	"errors"
	"fmt"

	"bootrc/kit/command"
)

// Commands returns the shell's command for network block devices. Connections to servers are
// restored until life ends.
func Commands(life context.Context) []command.Command {
	client := NewClient(life)
	return []command.Command{{
		Name: "nbd", Summary: "attach, detach and list network block devices",
		Verbs: []command.Command{
			{Name: "attach", Summary: "attach a network block device, as b2c.nbd= does", Operands: "SPEC",
				Forms: []string{"DEVICE,host=HOST[,port=PORT][,connections=N][,name=EXPORT][,timeout=SECONDS]"}, Run: client.attach},
			{Name: "detach", Summary: "detach these devices, or all", Operands: "[DEVICE…]", Run: client.detach},
			{Name: "ls", Summary: "list the devices that are attached", Run: list},
		},
	}}
}

func (c *Client) attach(ctx context.Context, call *command.Call) error {
	spec, err := Parse(call.Args[0])
	if err != nil {
		return err
	}
	a, err := c.Attach(ctx, spec, func(text string) {
		fmt.Fprintf(call.Stderr, "%s: %s\n", spec.Device(), text)
	})
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

func (c *Client) detach(_ context.Context, call *command.Call) error {
	devices := call.Args
	if len(devices) == 0 {
		var err error
		if devices, err = Devices(); err != nil {
			return err
		}
	}
	var failed error
	for _, device := range devices {
		failed = errors.Join(failed, c.Detach(device))
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
