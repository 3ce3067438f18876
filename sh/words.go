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
		Name: "words", Summary: `split TEXT as a shell does, and quote the words for eval "set -- …"`, Operands: "TEXT", Literal: true,
		Examples: []string{`eval "set -- $(words "$b2c_run")"`},
		Run: func(ctx context.Context, call *command.Call) error {
			fields, err := run.Of(ctx).Fields(call.Args[0])
			if err != nil {
				return err
			}
			call.Printf("%s\n", quote.Words(fields))
			return nil
		},
	}
}
