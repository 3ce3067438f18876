package tools

import (
	"context"
	"fmt"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/seconds"
)

// grace is how long a command whose time is up has to end: what waits in the kernel
// for a server that is away may never do so, and is left alone.
const grace = time.Second

// timedOut is the exit status of timeout(1) where the time was up.
const timedOut = command.Status(124)

func timeoutCommand() command.Command {
	return command.Command{
		Name: "timeout", Summary: "run a command, and end it after so many seconds",
		Operands: "SECONDS COMMAND [ARGUMENT…]", OptionsFirst: true,
		Statuses: []string{"124: the time was up"},
		Run:      timeout,
	}
}

func timeout(ctx context.Context, given *command.Call) error {
	limit, err := seconds.Parse(given.Args[0])
	if err != nil {
		return command.Usagef("%w", err)
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := &call{Call: given, caller: given}
	ended := make(chan command.Status, 1)
	go func() { ended <- c.start(within, given.Args[1:]) }()
	select {
	case status := <-ended:
		return statusError(status, nil)
	case <-within.Done():
	}
	select {
	case <-ended:
	case <-time.After(grace):
	}
	if ctx.Err() != nil {
		return interrupted
	}
	fmt.Fprintf(given.Stderr, "%s: %s has not ended within %s\n", given.Name, given.Args[1], limit)
	return timedOut
}

// start runs a command line with the call's streams, folder and variables.
func (c *call) start(ctx context.Context, line []string) command.Status {
	inner := *c.caller
	inner.Name, inner.Args = line[0], line[1:]
	if known, ok := c.lookup(inner.Name); ok {
		return known.Execute(ctx, &inner)
	}
	return runProgram(ctx, &inner, "")
}
