package boot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bootrc/init/lastboot"
	"bootrc/init/supervisor"
	"bootrc/kit/command"
	"bootrc/kit/within"
)

// EndCommands are about how this boot ends, and how the last one did. open reports why
// the last boot ended and begins this one's diary, or ends it.
func EndCommands(open func(context.Context, *command.Call) error) []command.Command {
	stop := command.Command{Name: "stop", Summary: "stop it, before the machine goes off",
		Run: func(context.Context, *command.Call) error { return supervisor.StopWatchdog() }}
	return []command.Command{
		{Name: "watchdog", Summary: "the watchdog of b2c.watchdog=", Verbs: []command.Command{stop}},
		{Name: "last-boot", Summary: "report why the last boot ended, if it did not come to its end",
			Operands: "[DIARY]",
			Options: []command.Option{
				{Names: "--over", Help: "note that this boot comes to its end"},
			},
			Text: "With a DIARY, a file on the cache, the boot notes there from then on how far it has come.",
			Run:  open},
	}
}

// lastSources is where the kernel and its drivers keep word of the last boot.
var lastSources = lastboot.Sources{Pstore: "/sys/fs/pstore", Watchdog: "/sys/class/watchdog"}

// lastBoot is the command last-boot.
func (b *boot) lastBoot(_ context.Context, call *command.Call) error {
	if call.Flag("over") {
		return b.diary.Close() // the cache is unmounted next
	}
	sources := lastSources
	if len(call.Args) > 0 {
		sources.Diary = call.Path(call.Args[0])
	}
	for _, reason := range sources.Reasons() {
		b.out.Report(reason)
	}
	if sources.Diary == "" {
		return nil
	}
	return b.diary.Open(sources.Diary)
}

// noteLimit is how long the cache may take to store a line of the diary. One that does not
// answer any more must not keep the boot from its end.
const noteLimit = 30 * time.Second

// note writes into the diary. One that fails, or is stuck, is the last of this boot.
func (b *boot) note(ctx context.Context, write func(*lastboot.Diary) error) {
	diary := b.diary
	err := within.Do(ctx, noteLimit, func() error { return write(diary) })
	if errors.Is(err, within.ErrLate) {
		err = fmt.Errorf("noting how far the boot has come: the cache does not answer within %s", noteLimit)
	}
	if err != nil {
		b.out.Nonfatal(err.Error())
		b.diary = new(lastboot.Diary)
	}
}

// checkWatchdog refuses a value of b2c.watchdog= that PID 1 would ignore or read
// otherwise.
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
