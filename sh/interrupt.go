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
	innermost []*interruptible
	signals   chan os.Signal
}

type interruptible struct{ cancel context.CancelFunc }

// Interruptible returns a context that ends when SIGINT arrives, unless a later
// call's context is there to end in its place. release must be called; when
// nothing is interruptible, SIGINT has its usual effect.
func Interruptible(ctx context.Context) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	one := &interruptible{cancel}
	interrupts.Lock()
	defer interrupts.Unlock()
	if len(interrupts.innermost) == 0 {
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
		if n := len(interrupts.innermost); n > 0 {
			interrupts.innermost[n-1].cancel()
		}
		interrupts.Unlock()
	}
}

func (one *interruptible) release() {
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
