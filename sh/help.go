package sh

import (
	"context"
	"fmt"
	"io"

	"bootrc/kit/command"
)

// Topic is something beside the commands that `help` can explain.
type Topic struct {
	Name string
	Line string // its explanation, on one line
}

// help is added to every shell's table, because it speaks of that table.
func (s *Shell) help() command.Command {
	return command.Command{
		Name: "help", Args: "[NAME…]", Summary: "list the commands, or explain one, or a kernel argument",
		Run: func(_ context.Context, call *command.Call) error {
			if len(call.Args) == 0 {
				s.printHelp(call.Stdout)
				return nil
			}
			for _, name := range call.Args {
				if err := s.explain(call.Stdout, name); err != nil {
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

func (s *Shell) explain(w io.Writer, name string) error {
	if c, ok := s.config.Table.Lookup(name); ok {
		fmt.Fprintf(w, "usage: %s %s\n%s\n", c.Name, c.Args, c.Summary)
		return nil
	}
	for _, t := range s.config.Topics {
		if t.Name == name {
			fmt.Fprintf(w, "%s: %s\n", t.Name, t.Line)
			return nil
		}
	}
	return fmt.Errorf("%s: no such command or kernel argument", name)
}
