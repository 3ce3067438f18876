package tools

import (
	"bootrc/kit/command"
	"bootrc/sh/builtin"
)

// scriptCommands are those that most scripts are made of.
func scriptCommands() []command.Command {
	return []command.Command{
		{Name: "echo", Args: "[-n] [TEXT]…", Summary: "write the texts, with the escapes of printf's %b", Run: builtin.Echo},
		{Name: "printf", Args: "FORMAT [ARGUMENT]…", Summary: "write the arguments as the format says", Run: builtin.Printf},
		{Name: "test", Args: "[EXPRESSION]", Summary: "compare texts or numbers, or examine files", Run: builtin.Test},
		{Name: "[", Args: "[EXPRESSION] ]", Summary: "test", Run: builtin.Test},
	}
}
