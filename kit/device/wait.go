package device

import (
	"context"
	"slices"
	"time"
)

// Wait returns nil as soon as found says so, or ctx's error once ctx is done. It asks
// at once, whenever the kernel tells of a device of one of the subsystems ("block",
// "net"), and from time to time: without a subsystem, ten times a second.
func Wait(ctx context.Context, found func() bool, subsystems ...string) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	every := time.Second
	events, err := Listen(within) // before the first look, so that nothing is missed
	if err != nil || len(subsystems) == 0 {
		events, every = nil, 100*time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		if found() {
			return nil
		}
		events = untilNews(ctx, events, tick.C, subsystems)
	}
	return ctx.Err()
}

// untilNews waits for an event of one of the subsystems, and takes those that have
// come with it, too: they need no look of their own. It returns nil for events that
// have ended.
func untilNews(ctx context.Context, events <-chan Event, tick <-chan time.Time, subsystems []string) <-chan Event {
	for news := false; !news || len(events) > 0; {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
			}
			news = news || e.Action == Lost || slices.Contains(subsystems, e.Get("SUBSYSTEM"))
		case <-tick:
			news = true
		case <-ctx.Done():
			return events
		}
	}
	return events
}
