package sh

import (
	"context"
	"errors"
	"fmt"
	"os"

	"bootrc/sh/run"
	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Main is sh(1) (XCU, sh): its arguments are options of `set`, -c TEXT, -s, -i, a file's name
// and parameters. It returns the exit status. The shell's streams are the process's own.
func (s *Shell) Main(ctx context.Context, name string, args []string) int {
	s.run.Name(name, nil)
	v, err := s.run.ParseInvocation(args)
	if err != nil {
		fmt.Fprintf(s.config.Stderr, "sh: %v\n", err)
		return 2
	}
	source, err := s.script(&v)
	if err != nil {
		fmt.Fprintf(s.config.Stderr, "sh: %v\n", err)
		return 127
	}
	if v.Interactive && s.run.InputIsTerminal() {
		return int(s.interact(ctx))
	}
	if v.Interactive {
		s.run.ReadEnv()
		return s.run.Interact(ctx, source)
	}
	result := s.run.Run(ctx, source, 1)
	if result.Killed {
		run.DieOf(unix.Signal(result.Status - 128))
	}
	return result.Status
}

// errNoText is a -c without its text.
var errNoText = errors.New("-c needs an argument")

// script is what an invocation runs.
func (s *Shell) script(v *run.Invocation) (syntax.Source, error) {
	operands := v.Operands
	switch {
	case v.Command && len(operands) == 0:
		return nil, errNoText
	case v.Command:
		name, params := s.run.Zero(), operands[1:]
		if len(params) > 0 {
			name, params = params[0], params[1:]
		}
		s.run.Name(name, params)
		s.run.Note('c')
		return syntax.Text(operands[0]), nil
	case len(operands) > 0 && !v.Stdin:
		f, err := os.Open(operands[0])
		if err != nil {
			return nil, err
		}
		s.run.Name(operands[0], operands[1:])
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a directory", operands[0])
		}
		return s.run.NewLines(f), nil
	}
	s.run.Name(s.run.Zero(), operands)
	s.run.Note('s')
	v.Interactive = v.Interactive || term.IsTerminal(0) && term.IsTerminal(2)
	return s.run.NewInput(v.Interactive), nil
}
