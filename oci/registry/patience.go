package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"bootrc/kit/retry"
	"bootrc/kit/transport"
)

// Patience is how a registry is borne with that fails.
type Patience struct {
	Retry  retry.Policy
	Limits transport.Limits
}

// Patient is for an image that cannot be done without.
var Patient = Patience{
	Retry:  retry.Policy{Retries: 5, Busy: 30, First: 500 * time.Millisecond, Longest: 8 * time.Second},
	Limits: transport.Standard,
}

// Brief returns the patience for a registry whose answer can be done without.
func (p Patience) Brief() Patience {
	p.Retry.Retries, p.Retry.Busy = min(2, p.Retry.Retries), 0
	return p
}

// forMirror returns the patience for a mirror: that for one that fails is brief, but not for one
// that is busy. If all machines turned to its registry then, it would be of no use.
func (p Patience) forMirror() *Patience {
	p.Retry.Retries = min(2, p.Retry.Retries)
	return &p
}

func (p Patience) try(ctx context.Context, f func() error) error {
	return p.Retry.Do(ctx, isTransient, f)
}

// readError is an answer that broke off, or was not the one to be read.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// transientRead marks an error of reading an answer's body.
func transientRead(err error) error {
	var op *net.OpError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &op) || transport.IsHTTP2(err) {
		return &readError{fmt.Errorf("the answer broke off: %w", err)}
	}
	return err
}

// isTransient tells errors that may not occur again. Names that do not exist and
// certificates that are wrong stay.
func isTransient(err error) bool {
	var read *readError
	var status *statusError
	switch {
	case errors.As(err, &read):
		return true
	case errors.As(err, &status):
		return status.isTransient()
	}
	return transport.IsPassing(err)
}

// IsUnreachable tells errors that say nothing about the image, but that the
// registry, or the way to it, is broken.
func IsUnreachable(err error) bool {
	var status *statusError
	if errors.As(err, &status) {
		return status.code >= http.StatusInternalServerError
	}
	var dns *net.DNSError
	return errors.As(err, &dns) || isTransient(err)
}
