// Package within calls what may never return: system calls that wait for a disk or a
// server that has died cannot be ended, but they can be left behind. PID 1 uses it, so it
// imports little.
package within

import (
	"context"
	"errors"
	"time"
)

// ErrLate is what took longer than it had.
var ErrLate = errors.New("it does not come to its end")

// Call calls f and returns what it does. When the limit is over, or ctx is done, f goes on by
// itself, and the error is ErrLate or the cause of ctx's end.
func Call[T any](ctx context.Context, limit time.Duration, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	late := time.NewTimer(limit)
	defer late.Stop()
	var none T
	select {
	case r := <-done:
		return r.value, r.err
	case <-late.C:
		return none, ErrLate
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// Do is Call for what returns nothing else than an error.
func Do(ctx context.Context, limit time.Duration, f func() error) error {
	_, err := Call(ctx, limit, func() (struct{}, error) { return struct{}{}, f() })
	return err
}
