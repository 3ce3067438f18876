package boot

import (
	"context"
	"strings"

	"bootrc/init/cmdline"
	"bootrc/sh"
	"bootrc/sh/command"
)

// consoleCommands let hooks write as the boot does.
func consoleCommands() []command.Command {
	return []command.Command{
		{Name: "announce", Args: "TEXT…", Summary: "print a line that CI systems match, with the uptime",
			Run: func(_ context.Context, call *command.Call) error {
				announce(call.Stdout, strings.Join(call.Args, " "))
				return nil
			}},
		{Name: "report", Args: "TEXT…", Summary: "print a line about the boot's progress, with the uptime",
			Run: func(_ context.Context, call *command.Call) error {
				report(call.Stdout, strings.Join(call.Args, " "))
				return nil
			}},
	}
}

// Topics explains the kernel arguments to the shell's help.
func Topics() []sh.Topic {
	var topics []sh.Topic
	for _, a := range cmdline.Table {
		line := a.Help
		if a.Values != "" {
			line = a.Values + "  " + line
		}
		topics = append(topics, sh.Topic{Name: a.Name, Line: line})
	}
	return topics
}
