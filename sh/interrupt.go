package sh

import (
	"context"
	"os"
	"os/signal"
	"sync"
)

// interrupts is who ends at ctrl-c: only the innermost of those that run.
var interrupts struct {
	sync.Mutex
	innermost []*interrupted
	signals   chan os.Signal
}

// interrupted is something that ends at ctrl-c, unless handled says that it goes on.
type interrupted struct {
	cancel  context.CancelFunc
	handled func() bool
}

// Interruptible returns a context that ends when SIGINT arrives, unless a later
// call's context is there to end in its place. release must be called; when
// nothing is interruptible, SIGINT has its usual effect.
func Interruptible(ctx context.Context) (_ context.Context, release func()) {
	return interruptible(ctx, func() bool { return false })
}

func interruptible(ctx context.Context, handled func() bool) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	one := &interrupted{cancel, handled}
	interrupts.Lock()
	defer interrupts.Unlock()
	if len(interrupts.innermost) == 0 && !signal.Ignored(os.Interrupt) {
		interrupts.signals = make(chan os.Signal, 1)
		signal.Notify(interrupts.signals, os.Interrupt)
		go interruptInnermost(interrupts.signals)
	}
	interrupts.innermost = append(interrupts.innermost, one)
	return ctx, func() { cancel(); one.release() }
}

func interruptInnermost(signals <-chan os.Signal) {
	for range signals {
		interrupts.Lock()
		var one *interrupted
		if n := len(interrupts.innermost); n > 0 {
			one = interrupts.innermost[n-1]
		}
		interrupts.Unlock()
		if one != nil && !one.handled() {
			one.cancel()
		}
	}
}

func (one *interrupted) release() {
	interrupts.Lock()
	defer interrupts.Unlock()
	for i, other := range interrupts.innermost {
		if other == one {
			interrupts.innermost = append(interrupts.innermost[:i], interrupts.innermost[i+1:]...)
			break
		}
	}
	if len(interrupts.innermost) == 0 && interrupts.signals != nil {
		signal.Stop(interrupts.signals)
		close(interrupts.signals)
		interrupts.signals = nil
	}
}
