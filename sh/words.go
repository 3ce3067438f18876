package sh

import (
	"context"

	"bootrc/kit/command"
	"bootrc/kit/quote"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/shell"
)

// words is the command that splits a text as this shell would, variables
// included, but runs nothing that stands in it.
func words() command.Command {
	return command.Command{
		Name: "words", Args: "TEXT", Summary: `split TEXT as a shell does, and quote the words for eval "set -- …"`,
		Run: func(ctx context.Context, call *command.Call) error {
			if len(call.Args) != 1 {
				return command.Usagef("expected one argument, got %d", len(call.Args))
			}
			variables := interp.HandlerCtx(ctx).Env
			fields, err := shell.Fields(call.Args[0], func(name string) string { return variables.Get(name).String() })
			if err != nil {
				return err
			}
			call.Printf("%s\n", quote.Words(fields))
			return nil
		},
	}
}
