package sh

import (
	"context"

	"bootrc/kit/command"
)

// as is the command that calls another by a name of the caller's choice, so that
// its errors speak of what a person wrote, not of what a hook made of it.
func as() command.Command {
	return command.Command{
		Name: "as", Summary: "run a command whose errors begin with NAME", Operands: "NAME COMMAND [ARGUMENT…]", OptionsFirst: true,
		Run: func(ctx context.Context, call *command.Call) error {
			c, ok := call.Lookup(call.Args[1])
			if !ok {
				return command.Usagef("%s is no command of this shell", call.Args[1])
			}
			named := *call
			named.Name, named.Args = call.Args[0], call.Args[2:]
			if status := c.Execute(ctx, &named); status != 0 {
				return status
			}
			return nil
		},
	}
}
