package main

import (
	"context"
	"os"

	"bootrc/kit/command"
)

// shCommand is sh(1), which reads its options itself: some of them have a + form.
func shCommand() command.Command {
	return command.Command{
		Name: "sh", Summary: "run a script, or the lines of standard input or of a person", Operands: "[WORD…]", Literal: true,
		Forms: []string{"[-abCefhimnuvx] [-o OPTION]… [FILE [ARGUMENT…]]", "[-abCefhimnuvx] [-o OPTION]… -c TEXT [NAME [ARGUMENT…]]",
			"[-abCefhimnuvx] [-o OPTION]… -s [ARGUMENT…]"},
		Text: "The options of `set` switch on with - and off with +. docs/shell.md tells what the shell understands.",
		Options: []command.Option{
			{Names: "-c", Value: "TEXT", Help: "run TEXT, with NAME as $0"},
			{Names: "-s", Help: "run what standard input says"},
			{Names: "-i", Help: "read commands from the terminal"},
			{Names: "-e", Help: "exit at the first command that fails"},
			{Names: "-n", Help: "check a script's syntax, and run nothing"},
			{Names: "-u", Help: "fail where a variable is used that is not set"},
			{Names: "-x", Help: "print each command before it runs"},
		},
		Run: func(ctx context.Context, call *command.Call) error {
			if status := runShell(ctx, shellName(os.Args), call.Args); status != 0 {
				return command.Status(status)
			}
			return nil
		},
	}
}

// execute runs a command on the streams of this process.
func execute(ctx context.Context, c command.Command, args []string) int {
	return int(c.Execute(ctx, &command.Call{Name: c.Name, Args: args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}
