package sh

import (
	"context"

	"bootrc/kit/command"
	"bootrc/kit/quote"
	"bootrc/sh/run"
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
			fields, err := run.Of(ctx).Fields(call.Args[0])
			if err != nil {
				return err
			}
			call.Printf("%s\n", quote.Words(fields))
			return nil
		},
	}
}
