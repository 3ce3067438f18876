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
		Name: "words", Summary: `split TEXT as a shell does, and quote the words for eval "set -- …"`, Operands: "TEXT", Literal: true,
		Examples: []string{`eval "set -- $(words "$b2c_run")"`},
		Run: func(ctx context.Context, call *command.Call) error {
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
