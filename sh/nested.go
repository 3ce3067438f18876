package sh

import (
	"context"

	"bootrc/kit/command"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// nested is the command that opens a shell within a script. It has the script's
// variables, but is a shell of its own: what is set there stays there.
func (s *Shell) nested() command.Command {
	return command.Command{
		Name: "shell", Summary: "open an interactive shell; its exit goes on",
		Run: func(ctx context.Context, call *command.Call) error {
			config := s.config
			config.Env, config.Vars, config.Dir = call.Env, unexported(interp.HandlerCtx(ctx).Env), call.Dir
			inner, err := New(config)
			if err != nil {
				return err
			}
			if status := inner.Interactive(ctx); status != 0 {
				return command.Status(status)
			}
			return nil
		},
	}
}

func unexported(env expand.Environ) []string {
	var list []string
	for name, v := range env.Each {
		if v.Kind == expand.String && !v.Exported && !v.ReadOnly {
			list = append(list, name+"="+v.Str)
		}
	}
	return list
}
