package tools

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// lastSignal is the highest number that kill(2) takes: SIGRTMAX.
const lastSignal = 64

func killCommand() command.Command {
	return command.Command{
		Name: "kill", Summary: "send processes a signal", Operands: "[PID…]", Rewrite: signalFirst, Run: tool(kill),
		Forms: []string{"[-s SIGNAL|-SIGNAL] PID…", "-l [SIGNAL|STATUS]…"},
		Text:  "A PID with a dash before it is a process group; -SIGNAL is the same as -s SIGNAL.",
		Options: []command.Option{
			{Names: "-s", Value: "SIGNAL", Default: "TERM", Check: checkSignal, Help: "send this signal, a name or a number"},
			{Names: "-l", Help: "print the names of all signals, or what SIGNAL or exit status STATUS stands for"},
		},
	}
}

func checkSignal(text string) error {
	_, err := parseSignal(text)
	return err
}

// signalFirst turns -9 and -TERM of XCU, kill, into -s 9 and -s TERM. They come first:
// a later word with a dash is a process group.
func signalFirst(args []string) []string {
	if len(args) == 0 || args[0] == "--help" {
		return args
	}
	option, isOption := strings.CutPrefix(args[0], "-")
	first, rest := []string{"-s", option}, args[1:]
	switch {
	case !isOption:
		return append([]string{"--"}, args...)
	case option == "-" || option == "s" && len(rest) == 0:
		return args
	case option == "l":
		first = []string{"-l"}
	case option == "s":
		first, rest = args[:2], rest[1:]
	case len(option) > 1 && option[0] == 's' && option[1] >= 'A' && option[1] <= 'Z':
		first = []string{args[0]}
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	return slices.Concat(first, []string{"--"}, rest)
}

func kill(ctx context.Context, c *call) error {
	if c.Flag("l") {
		return listSignals(c, c.Args)
	}
	if len(c.Args) == 0 {
		return command.Usagef("expected 1 operand or more, got 0")
	}
	signal, err := parseSignal(c.Text("s"))
	if err != nil {
		return err
	}
	return c.each(ctx, c.Args, func(operand string) error {
		if c.caller.Signal != nil {
			if known, err := c.caller.Signal(operand, signal); known {
				return err
			}
		}
		pid, err := strconv.Atoi(operand)
		if err != nil {
			return fmt.Errorf("%q is not a process ID", operand)
		}
		if err := unix.Kill(pid, signal); err != nil {
			return fmt.Errorf("process %d: %w", pid, err)
		}
		return nil
	})
}

// parseSignal reads a number, or a name with or without SIG. 0 tests only
// whether there is such a process.
func parseSignal(s string) (unix.Signal, error) {
	if n, err := strconv.ParseUint(s, 10, 8); err == nil && n <= lastSignal {
		return unix.Signal(n), nil
	}
	name := strings.TrimPrefix(strings.ToUpper(s), "SIG")
	if signal := unix.SignalNum("SIG" + name); signal != 0 {
		return signal, nil
	}
	if name == "EXIT" {
		return 0, nil
	}
	return 0, fmt.Errorf("%q is not a signal: `kill -l` lists them", s)
}

// listSignals prints all names, or what each operand stands for: a name, a
// number, or the exit status of what a signal ended.
func listSignals(c *call, operands []string) error {
	if len(operands) == 0 {
		for n := unix.Signal(1); n <= unix.SIGSYS; n++ {
			c.Printf("%2d %s\n", int(n), signalName(n))
		}
		return nil
	}
	for _, operand := range operands {
		if n, err := strconv.ParseUint(operand, 10, 8); err == nil {
			if n > 128 {
				n -= 128
			}
			if n == 0 || n > uint64(unix.SIGSYS) {
				return command.Usagef("%q is not a signal", operand)
			}
			c.Printf("%s\n", signalName(unix.Signal(n)))
			continue
		}
		n, err := parseSignal(operand)
		if err != nil {
			return command.Usagef("%w", err)
		}
		c.Printf("%d\n", int(n))
	}
	return nil
}

func signalName(n unix.Signal) string { return strings.TrimPrefix(unix.SignalName(n), "SIG") }

func pkillCommand() command.Command {
	return command.Command{
		Name: "pkill", Summary: "send a signal to the processes whose name matches", Operands: "PATTERN", Run: tool(pkill),
		Text: "PATTERN is an extended regular expression.", Statuses: []string{"1: none matches"},
		Options: append(matchOptions(), command.Option{Names: "--signal", Value: "SIGNAL", Default: "TERM", Check: checkSignal,
			Help: "send this signal; -SIGNAL as the first word means the same"}),
		Rewrite: func(args []string) []string {
			if len(args) > 0 {
				if signal, ok := strings.CutPrefix(args[0], "-"); ok && checkSignal(signal) == nil {
					return append([]string{"--signal", signal}, args[1:]...)
				}
			}
			return args
		},
	}
}

func pkill(ctx context.Context, c *call) error {
	signal, err := parseSignal(c.Text("signal"))
	if err != nil {
		return err
	}
	found, err := c.matching()
	if err != nil {
		return err
	}
	for _, p := range found {
		if err := unix.Kill(p.pid, signal); err != nil {
			c.fail(fmt.Errorf("process %d: %w", p.pid, err))
		}
	}
	return ctx.Err()
}
