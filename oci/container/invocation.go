package container

import (
	"bootrc/kit/command"
	"bootrc/oci"
)

// Invocation is a call of runc-run, as podman-run(1) has it: [OPTIONS] IMAGE
// [COMMAND…].
type Invocation struct {
	Image   string // its reference
	Options Options
	Detach  bool
	Restart RestartPolicy

	policy oci.Policy
	origin oci.Options
	script string // FILE or URL, as it was given
}

// Declare makes a command of those that take an invocation.
func Declare(c command.Command) command.Command {
	c.Operands, c.Forms = "[IMAGE] [COMMAND…]", []string{"[OPTION…] IMAGE [COMMAND…]"}
	c.OptionsFirst, c.Misuse, c.Unknown = true, StatusError, refusal
	for _, s := range subjects {
		c.Options = append(c.Options, s.options...)
	}
	return c
}

// Read reads the call of a command that Declare made.
func Read(call *command.Call) (*Invocation, error) {
	if len(call.Args) == 0 || call.Args[0] == "" {
		return nil, command.Usagef("no image given")
	}
	v := &Invocation{Image: call.Args[0]}
	v.Options.Command = call.Args[1:]
	for _, s := range subjects {
		if s.read == nil {
			continue
		}
		if err := s.read(call, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}
