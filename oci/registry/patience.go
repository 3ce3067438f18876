package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// pace is how patient a pull is with a registry.
type pace struct {
	pauses []time.Duration // before each new attempt; as many attempts, and one
	idle   time.Duration   // without a byte, until a connection counts as dead
}

func (p *pace) orDefault() pace {
	if p != nil {
		return *p
	}
	return pace{
		pauses: []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second},
		idle:   30 * time.Second,
	}
}

// hurried returns a pace for when the registry's answer can be done without.
func (p *pace) hurried() *pace {
	h := p.orDefault()
	h.pauses = h.pauses[:min(2, len(h.pauses))]
	return &h
}

// try calls f until it succeeds, fails in a way that stays, or no attempts are
// left.
func (p pace) try(ctx context.Context, f func() error) error {
	for n := 0; ; n++ {
		err := f()
		if err == nil || ctx.Err() != nil || n == len(p.pauses) || !isTransient(err) {
			return err
		}
		if !sleep(ctx, p.pause(n, err)) {
			return err
		}
	}
}

func (p pace) pause(n int, err error) time.Duration {
	var status *statusError
	if errors.As(err, &status) && status.after > 0 {
		return max(status.after, p.pauses[n])
	}
	return p.pauses[n]
}

// sleep tells whether it came to its end.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// readError is an answer that broke off.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// transientRead marks an error of reading an answer's body.
func transientRead(err error) error {
	var op *net.OpError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &op) {
		return &readError{fmt.Errorf("the answer broke off: %w", err)}
	}
	return err
}

// isTransient tells errors that may not occur again. Names that do not exist and
// certificates that are wrong stay.
func isTransient(err error) bool {
	var status *statusError
	if errors.As(err, &status) {
		return status.isTransient()
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return !dns.IsNotFound
	}
	var op *net.OpError
	var read *readError
	var network net.Error
	return errors.As(err, &op) || errors.As(err, &read) || errors.Is(err, io.EOF) ||
		errors.As(err, &network) && network.Timeout()
}
