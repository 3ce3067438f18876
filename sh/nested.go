package sh

import (
	"context"

	"bootrc/kit/command"
	"bootrc/sh/run"
)

// nested is the command that opens a shell within a script. It has the script's
// variables, but is a shell of its own: what is set there stays there.
func (s *Shell) nested() command.Command {
	return command.Command{
		Name: "shell", Summary: "open an interactive shell; its exit goes on",
		Run: func(ctx context.Context, call *command.Call) error {
			config := s.config
			config.Env, config.Dir, config.Process = call.Env, call.Dir, false
			if outer := run.Of(ctx); outer != nil {
				config.Vars = outer.Unexported()
			}
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
