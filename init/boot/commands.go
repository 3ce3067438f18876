package boot

import (
	"context"
	"strings"

	"bootrc/init/cmdline"
	"bootrc/init/console"
	"bootrc/kit/command"
	"bootrc/sh"
)

// ConsoleCommands let hooks write as the boot does.
func ConsoleCommands(out *console.Console) []command.Command {
	say := func(name, summary string, print func(string)) command.Command {
		return command.Command{Name: name, Summary: summary, Operands: "[TEXT…]", Literal: true,
			Run: func(_ context.Context, call *command.Call) error {
				print(strings.Join(call.Args, " "))
				return nil
			}}
	}
	return []command.Command{
		say("announce", "print a line that CI systems match, with the uptime", out.Announce),
		say("report", "print a line about the boot's progress, with the uptime", out.Report),
		say("warn", "print a line about what may be a mistake", out.Warn),
		say("error", "print an error, outside of any section", out.Error),
		say("complain", "print why something failed, outside of any folded section, as a command does", out.Complain),
		say("nonfatal", "report what failed while the boot goes on, and keep it for causes", out.Nonfatal),
		{Name: "blame", Summary: "keep for causes what gave the pipeline its status", Operands: "WHERE [WHAT…]", Literal: true,
			Text: "Of several calls, the first counts. What commands complained of before it is the cause, or else WHAT.",
			Run: func(_ context.Context, call *command.Call) error {
				out.Blame(call.Args[0], strings.Join(call.Args[1:], " "))
				return nil
			}},
		{Name: "causes", Summary: "print what failed in this boot, and what else did without being fatal",
			Run: func(context.Context, *command.Call) error {
				out.Causes()
				return nil
			}},
		{
			Name: "section", Summary: "begin a section of the log, or end it", Operands: "[NAME] [TITLE…]", OptionsFirst: true,
			Forms: []string{"[--open] NAME TITLE…", "--end"},
			Options: []command.Option{
				{Names: "--open", Help: "do not fold it where the log is shown"},
				{Names: "--end", Help: "end the section that was begun last"},
			},
			Run: func(_ context.Context, call *command.Call) error { return section(call, out) },
		},
		{Name: "summary", Summary: "print what took its time in this boot, the slowest first",
			Run: func(context.Context, *command.Call) error {
				out.Summary()
				return nil
			}},
	}
}

func section(call *command.Call, out *console.Console) error {
	args := call.Args
	switch end := call.Flag("end"); {
	case end && len(args) == 0:
		out.EndSection()
		return nil
	case end || len(args) < 2:
		return command.Usagef("expected a name and a title, or --end alone")
	}
	out.Section(args[0], strings.Join(args[1:], " "), !call.Flag("open"))
	return nil
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
	return append(topics, sh.Topic{Name: "phases",
		Line: "the boot is the scripts in /hooks, in order; `phase` lists them with what became of them, `phase NAME` runs one again, --show, --edit, --check and --done do what they say; b2c.break=, b2c.skip=, b2c.trace= and b2c.on_fail= name them"})
}
