package sh

import (
	"context"

	"bootrc/sh/command"

	"mvdan.cc/sh/v3/interp"
)

// nested is the command that opens a shell within a script. It has the script's
// variables, but is a shell of its own: what is set there stays there.
func (s *Shell) nested() command.Command {
	return command.Command{
		Name: "shell", Summary: "open an interactive shell; its exit goes on",
		Run: func(ctx context.Context, call *command.Call) error {
			config := s.config
			config.Env, config.Dir = call.Env, call.Dir
			inner, err := New(config)
			if err != nil {
				return err
			}
			if err := inner.copyVariables(ctx, interp.HandlerCtx(ctx)); err != nil {
				return err
			}
			if status := inner.Interactive(ctx); status != 0 {
				return command.Status(status)
			}
			return nil
		},
	}
}

func (s *Shell) copyVariables(ctx context.Context, hc interp.HandlerContext) error {
	var variables []string
	for name, v := range hc.Env.Each {
		if v.IsSet() && !v.Exported && !v.ReadOnly {
			variables = append(variables, name, v.String())
		}
	}
	return s.Set(ctx, variables...)
}
