package network

import (
	"context"
	"math/rand/v2"
	"time"
)

// schedule is how long to wait for an answer to the n-th message, from 0.
type schedule func(n int) time.Duration

// eager is the schedule while someone waits: 0.25 s, doubled up to 2 s, so that a
// switch that takes seconds to open its port is not missed by much. A fleet that
// is switched on at once is spread by up to a tenth.
func eager(n int) time.Duration {
	d := 250 * time.Millisecond << min(n, 3)
	return d + rand.N(d/10)
}

// lazy is the schedule in the background: eager at first, then up to a minute.
func lazy(n int) time.Duration {
	return eager(0) << min(n, 8)
}

// solicitation is the schedule of questions to routers: times.ask, doubled up to an hour,
// spread by up to a tenth (RFC 7559, section 2).
func solicitation(n int, first time.Duration) time.Duration {
	d := min(first<<min(n, 10), time.Hour)
	return d + rand.N(d/10)
}

// repeat calls try, and again after each pause, until it succeeds. It returns an
// error when ctx is done, or when try failed before its own context was done.
func repeat(ctx context.Context, pauses schedule, try func(ctx context.Context) error) error {
	for n := 0; ; n++ {
		attempt, cancel := context.WithTimeout(ctx, pauses(n))
		err := try(attempt)
		expired := attempt.Err() != nil
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !expired:
			return err
		}
	}
}
