package sh

import (
	"context"

	"bootrc/kit/command"
	"bootrc/kit/quote"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/shell"
)

// Words splits a text as this shell would, with the values of variables that getenv
// returns, but runs nothing that stands in it.
func Words(text string, getenv func(name string) string) ([]string, error) {
	return shell.Fields(text, getenv)
}

// words is the command for Words, with the caller's variables.
func words() command.Command {
	return command.Command{
		Name: "words", Summary: `split TEXT as a shell does, and quote the words for eval "set -- …"`, Operands: "TEXT", Literal: true,
		Examples: []string{`eval "set -- $(words "$b2c_run")"`},
		Run: func(ctx context.Context, call *command.Call) error {
			variables := interp.HandlerCtx(ctx).Env
			fields, err := Words(call.Args[0], func(name string) string { return variables.Get(name).String() })
			if err != nil {
				return err
			}
			call.Printf("%s\n", quote.Words(fields))
			return nil
		},
	}
}
