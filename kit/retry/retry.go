// Package retry tries again what failed and may succeed in a moment.
//
// Its pauses are random from nothing up to a bound that doubles ("full jitter"), so
// that machines which were switched on at once do not ask a server in step.
package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// LongestAsked is the longest pause that a server is granted which asks for one
// (RFC 9110, "Retry-After"). One that asks for more is asked again after so long.
const LongestAsked = time.Minute

// Policy is how often something is tried again, and how soon.
type Policy struct {
	Retries int           // after the first attempt
	Busy    int           // the same, if it is more, where the server says that it is only busy
	First   time.Duration // bound of the first pause; that of each next is twice as long
	Longest time.Duration // bound of any pause
}

// Do calls f until it succeeds, fails in a way that is not transient, or has been
// tried again often enough. It returns f's last error, also when ctx ends.
func (p Policy) Do(ctx context.Context, isTransient func(error) bool, f func() error) error {
	for n := 0; ; n++ {
		err := f()
		if err == nil || ctx.Err() != nil || !p.Allows(n, err) || !isTransient(err) {
			return err
		}
		if !Sleep(ctx, p.Pause(n, err)) {
			return err
		}
	}
}

// Allows tells whether there is another attempt after n+1 that failed, the last with err. An
// error in its chain with a method IsBusy() bool says whether the server only has too much to
// do: then it is worth the while to ask on.
func (p Policy) Allows(n int, err error) bool {
	var said interface{ IsBusy() bool }
	if errors.As(err, &said) && said.IsBusy() {
		return n < max(p.Retries, p.Busy)
	}
	return n < p.Retries
}

// Pause returns how long to wait after n+1 attempts failed, the last with err. An
// error in its chain with a method RetryAfter() time.Duration says how long the
// server wants to be left alone, which comes on top.
func (p Policy) Pause(n int, err error) time.Duration {
	bound := p.Longest
	if n < 30 && p.First<<n < bound {
		bound = p.First << n
	}
	pause := rand.N(bound + 1)
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) {
		pause += min(asked.RetryAfter(), LongestAsked)
	}
	return pause
}

// Sleep waits for d, and returns false where ctx ends before.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// After reads the header Retry-After: seconds, or a time. What is neither, or past,
// is 0.
func After(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
