package boot

import (
	"context"
	"fmt"

	"bootrc/init/supervisor"
	"bootrc/kit/command"
)

// WatchdogCommands end what b2c.watchdog= began.
func WatchdogCommands() []command.Command {
	stop := command.Command{Name: "stop", Summary: "stop it, before the machine goes off",
		Run: func(context.Context, *command.Call) error { return supervisor.StopWatchdog() }}
	return []command.Command{{Name: "watchdog", Summary: "the watchdog of b2c.watchdog=", Verbs: []command.Command{stop}}}
}

// checkWatchdog refuses a value of b2c.watchdog= from which PID 1 takes nothing, or
// something else than it says.
func checkWatchdog(value string) error {
	seconds, err := supervisor.WatchdogSeconds(value)
	switch {
	case err != nil:
		return fmt.Errorf("argument b2c.watchdog=%s: %w", value, err)
	case 0 < seconds && seconds < supervisor.LeastWatchdog:
		return fmt.Errorf("argument b2c.watchdog=%s: a machine that is busy would be reset; %d seconds are the least",
			value, supervisor.LeastWatchdog)
	}
	return nil
}
