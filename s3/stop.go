package s3

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

var errStopped = errors.New("asked to stop before it was done")

// stoppable parts the end of a watch in two: when the caller's context ends, or
// at a signal, it is asked to stop, and does what is left to do; at a further
// signal, it ends at once. Without a watch, both end it at once.
func stoppable(ctx context.Context, watch bool) (hard context.Context, stop <-chan struct{}, release func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	asked := make(chan struct{})
	if watch {
		hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		go stopTwice(ctx.Done(), hard.Done(), signals, asked, cancel)
		return hard, asked, func() { signal.Stop(signals); cancel(nil) }
	}
	hard, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-signals:
			cancel(errStopped)
		case <-hard.Done():
		}
	}()
	return hard, asked, func() { signal.Stop(signals); cancel(nil) }
}

func stopTwice(ended, over <-chan struct{}, signals <-chan os.Signal, asked chan<- struct{}, cancel context.CancelCauseFunc) {
	select {
	case <-ended:
	case <-signals:
	case <-over:
		return
	}
	close(asked)
	time.Sleep(time.Second) // a signal may also have ended the context
	for len(signals) > 0 {
		<-signals
	}
	select {
	case <-signals:
		cancel(errStopped)
	case <-over:
	}
}
