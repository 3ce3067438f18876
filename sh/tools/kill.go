package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// lastSignal is the highest number that kill(2) takes: SIGRTMAX.
const lastSignal = 64

func kill(ctx context.Context, c *call) error {
	signal, operands, err := killArguments(c)
	if err != nil || operands == nil {
		return err
	}
	if len(operands) == 0 {
		return command.Usagef("whom to signal is missing")
	}
	return c.each(ctx, operands, func(operand string) error {
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

// killArguments reads XCU, kill, whose -9 and -TERM are no options of the usual
// kind. After -l, which it answers itself, the operands are nil.
func killArguments(c *call) (unix.Signal, []string, error) {
	args := c.Args
	if len(args) == 0 || !strings.HasPrefix(args[0], "-") || args[0] == "--" {
		if len(args) > 0 && args[0] == "--" {
			args = args[1:]
		}
		return unix.SIGTERM, append([]string{}, args...), nil
	}
	name := args[0][1:]
	switch {
	case name == "l":
		return 0, nil, listSignals(c, args[1:])
	case name == "s" && len(args) > 1:
		name, args = args[1], args[1:]
	case name == "s":
		return 0, nil, command.Usagef("-s needs a signal")
	case strings.HasPrefix(name, "s") && len(name) > 1 && name[1] >= 'A' && name[1] <= 'Z':
		name = name[1:]
	}
	signal, err := parseSignal(name)
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	return signal, append([]string{}, args...), err
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
	return 0, command.Usagef("%q is not a signal: `kill -l` lists them", s)
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
			return err
		}
		c.Printf("%d\n", int(n))
	}
	return nil
}

func signalName(n unix.Signal) string { return strings.TrimPrefix(unix.SignalName(n), "SIG") }

func pkill(ctx context.Context, c *call) error {
	signal, args := unix.SIGTERM, c.Args
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if s, err := parseSignal(args[0][1:]); err == nil {
			signal, args = s, args[1:]
		}
	}
	o := newOptions()
	full, exact := o.flag("f", "full"), o.flag("x", "exact")
	operands, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	found, err := matching(operands[0], *full, *exact)
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
