package sh

import (
	"context"
	"fmt"
	"io"

	"bootrc/kit/command"
	"bootrc/sh/run"
)

// Topic is something beside the commands that `help` can explain.
type Topic struct {
	Name string
	Line string // its explanation, on one line
}

// help is added to every shell's table, because it speaks of that table.
func (s *Shell) help() command.Command {
	return command.Command{
		Name: "help", Operands: "[NAME…]", Summary: "list the commands, or explain some, with their verbs, or kernel arguments",
		Run: func(_ context.Context, call *command.Call) error {
			if len(call.Args) == 0 {
				s.printHelp(call.Stdout)
				return nil
			}
			for rest := call.Args; len(rest) > 0; {
				var err error
				if rest, err = s.explain(call.Stdout, rest[0], rest[1:]); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (s *Shell) printHelp(w io.Writer) {
	for _, c := range s.config.Table.Commands() {
		fmt.Fprintf(w, "%-12s %s\n", c.Name, c.Summary)
	}
	if len(s.config.Topics) > 0 {
		fmt.Fprintf(w, "\nkernel arguments:\n")
	}
	for _, t := range s.config.Topics {
		fmt.Fprintf(w, "%-20s %s\n", t.Name, t.Line)
	}
}

// explain tells about a name, or about the verb of that command which the words behind
// it name, and returns the words that are left.
func (s *Shell) explain(w io.Writer, name string, words []string) ([]string, error) {
	if c, ok := s.config.Table.Lookup(name); ok {
		return c.PrintHelp(w, words), nil
	}
	for _, t := range s.config.Topics {
		if t.Name == name {
			fmt.Fprintf(w, "%s: %s\n", t.Name, t.Line)
			return words, nil
		}
	}
	if run.IsBuiltin(name) {
		fmt.Fprintf(w, "%s: a builtin of the shell, as POSIX has it (docs/shell.md; XCU, %s)\n", name, name)
		return words, nil
	}
	return nil, fmt.Errorf("%s: no such command or kernel argument", name)
}
