package tools

import (
	"context"
	"fmt"

	"bootrc/kit/command"
)

func whichCommand() command.Command {
	return command.Command{
		Name: "which", Summary: "print where a command is: a program's file, or that it is one of this shell", Operands: "NAME…",
		Statuses: []string{"1: one of them is none"}, Run: tool(which),
	}
}

func which(ctx context.Context, c *call) error {
	return c.each(ctx, c.Args, func(name string) error {
		if _, ok := c.lookup(name); ok {
			c.Printf("%s: a command of this shell (help %s)\n", name, name)
			return nil
		}
		inner := *c.caller
		inner.Name = name
		path, err := lookPath(&inner, "")
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.Printf("%s\n", path)
		return nil
	})
}
