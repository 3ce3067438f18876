package tools

import (
	"context"
	"strings"

	"bootrc/kit/command"
)

// scriptCommands are those that most scripts are made of.
func scriptCommands() []command.Command {
	return []command.Command{
		{Name: "echo", Args: "[-n] [TEXT]…", Summary: "write the texts, with the escapes of printf's %b", Run: Echo},
		{Name: "printf", Args: "FORMAT [ARGUMENT]…", Summary: "write the arguments as the format says", Run: Printf},
		{Name: "test", Args: "[EXPRESSION]", Summary: "compare texts or numbers, or examine files", Run: Test},
		{Name: "[", Args: "[EXPRESSION] ]", Summary: "test", Run: Test},
	}
}

// Echo is echo, as in dash: with escapes, and -n.
func Echo(_ context.Context, call *command.Call) error {
	args, end := call.Args, "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	text := strings.Join(args, " ")
	if strings.IndexByte(text, '\\') >= 0 {
		var stop bool
		if text, stop = unescape(text, true); stop {
			end = ""
		}
	}
	_, err := call.Stdout.Write([]byte(text + end))
	return err
}
