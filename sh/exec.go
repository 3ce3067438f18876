package sh

import (
	"context"
	"strings"

	"bootrc/kit/command"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// own marks a name that the interpreter would take for a builtin that it lacks.
const own = "own builtin "

// call sees every simple command before it runs: it notes the line, for errors,
// and leads around the interpreter's builtins where the table has a better one.
func (s *Shell) call(ctx context.Context, args []string) ([]string, error) {
	if pos := interp.HandlerCtx(ctx).Pos; pos.IsValid() {
		s.at.Store(uint64(pos.Line()))
	}
	if _, ok := s.config.Table.Lookup(args[0]); ok && interp.IsBuiltin(args[0]) {
		args[0] = own + args[0]
	}
	return args, nil
}

// exec runs a command of the table, or else a program.
func (s *Shell) exec(next interp.ExecHandlerFunc) interp.ExecHandlerFunc {
	return func(ctx context.Context, args []string) error {
		hc := interp.HandlerCtx(ctx)
		name := strings.TrimPrefix(args[0], own)
		c, ok := s.config.Table.Lookup(name)
		if !ok {
			return s.program(ctx, hc, next, args)
		}
		status := c.Execute(ctx, &command.Call{
			Name:   name,
			Args:   args[1:],
			Dir:    hc.Dir,
			Env:    exported(hc.Env),
			Stdin:  hc.Stdin,
			Stdout: hc.Stdout,
			Stderr: hc.Stderr,
			Lookup: s.config.Table.Lookup, Recorder: s.config.Record,
		})
		if status != 0 {
			return interp.ExitStatus(status)
		}
		return nil
	}
}

func exported(env expand.Environ) []string {
	var list []string
	for name, v := range env.Each {
		if v.Exported && v.Kind == expand.String {
			list = append(list, name+"="+v.Str)
		}
	}
	return list
}
