package registry

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestIsUnreachable(t *testing.T) {
	for err, want := range map[error]bool{
		&net.DNSError{Err: "no such host", IsNotFound: true}:          true,
		&net.DNSError{Err: "i/o timeout", IsTimeout: true}:            true,
		&net.OpError{Op: "dial", Err: errors.New("no route to host")}: true,
		&statusError{code: 502}:                                       true,
		&statusError{code: 404}:                                       false,
		&statusError{code: 408}:                                       false,
		errors.New("manifest was altered"):                            false,
		errors.New("its certificate is not trusted: it has expired"):  false,
	} {
		if got := IsUnreachable(fmt.Errorf("registry x: %w", err)); got != want {
			t.Errorf("%v: got %v", err, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Retry-After", "86400")
	w.WriteHeader(http.StatusTooManyRequests)
	e := newStatusError(w.Result())
	const want = "too many requests; it asked for a pause of 24h0m0s, and got the longest there is, 1m0s"
	if e.Error() != want || !e.isTransient() {
		t.Errorf("got %v, want %s", e, want)
	}
	bound := Patient.Retry.First
	if pause := Patient.Retry.Pause(0, fmt.Errorf("registry: %w", e)); pause < time.Minute || pause > time.Minute+bound {
		t.Errorf("got a pause of %v", pause)
	}
}
