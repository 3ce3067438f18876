package network

import (
	"context"
	"time"

	"bootrc/kit/command"
)

// runNTPDate is ntpdate(8), but that it sets the real-time clock too.
func runNTPDate(ctx context.Context, call *command.Call) error {
	flags := newFlags(call.Name)
	query := flags.Bool("q", false, "")
	limitText := flags.String("t", "5", "")
	tries := flags.Int("n", 3, "")
	if err := flags.Parse(call.Args); err != nil {
		return &command.UsageError{Err: err}
	}
	limit, err := parseSeconds(*limitText)
	if err != nil {
		return command.Usagef("-t: %w", err)
	}
	if *tries < 1 {
		return command.Usagef("-n %d: at least one try is needed", *tries)
	}
	if flags.NArg() == 0 {
		return command.Usagef("no server is named")
	}
	answer, err := AskTime(ctx, flags.Args(), *tries, limit)
	if err != nil {
		return err
	}
	if !*query {
		if err := SetClock(time.Now().Add(answer.Offset)); err != nil {
			return err
		}
	}
	call.Printf("%s: offset %+.6f s, stratum %d, %.1f ms away\n", answer.Server,
		answer.Offset.Seconds(), answer.Stratum, float64(answer.Delay.Microseconds())/1000)
	if *query {
		return nil
	}
	return SetRTC(time.Now())
}
