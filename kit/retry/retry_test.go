package retry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

var policy = Policy{Retries: 3, First: 100 * time.Millisecond, Longest: 300 * time.Millisecond}

// Pauses fill all of their range: of a thousand, each quarter has some.
func TestPausesAreSpread(t *testing.T) {
	for n, bound := range map[int]time.Duration{0: 100, 1: 200, 2: 300, 3: 300, 50: 300, 70: 300} {
		bound *= time.Millisecond
		var quarters [4]int
		for range 1000 {
			pause := policy.Pause(n, errors.New("x"))
			if pause < 0 || pause > bound {
				t.Fatalf("pause %d: %v, want at most %v", n, pause, bound)
			}
			quarters[min(3, 4*pause/bound)]++
		}
		for _, count := range quarters {
			if count == 0 {
				t.Errorf("pause %d: in quarters of %v: %v", n, bound, quarters)
				break
			}
		}
	}
}

type asks time.Duration

func (a asks) Error() string             { return "busy" }
func (a asks) RetryAfter() time.Duration { return time.Duration(a) }

func TestPauseAsAsked(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		0: 0, 7 * time.Second: 7 * time.Second, time.Minute: LongestAsked, 24 * time.Hour: LongestAsked,
	} {
		got := policy.Pause(0, fmt.Errorf("registry: %w", asks(asked)))
		if got < want || got > want+policy.First {
			t.Errorf("asked for %v: %v, want %v to %v", asked, got, want, want+policy.First)
		}
	}
}

func TestDo(t *testing.T) {
	stays := errors.New("stays")
	passes := errors.New("passes")
	isTransient := func(err error) bool { return err == passes }
	quick := Policy{Retries: 3, First: time.Microsecond, Longest: time.Microsecond}
	for _, test := range []struct {
		name  string
		fails []error // of each attempt; then it succeeds
		calls int
		want  error
	}{
		{"at once", nil, 1, nil},
		{"at last", []error{passes, passes, passes}, 4, nil},
		{"never", []error{passes, passes, passes, passes}, 4, passes},
		{"not transient", []error{passes, stays}, 2, stays},
	} {
		calls := 0
		err := quick.Do(t.Context(), isTransient, func() error {
			if calls++; calls <= len(test.fails) {
				return test.fails[calls-1]
			}
			return nil
		})
		if err != test.want || calls != test.calls {
			t.Errorf("%s: %v after %d calls, want %v after %d", test.name, err, calls, test.want, test.calls)
		}
	}
}

func TestDoEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	patient := Policy{Retries: 3, First: time.Hour, Longest: time.Hour}
	passes := errors.New("passes")
	err := patient.Do(ctx, func(error) bool { return true }, func() error {
		time.AfterFunc(time.Millisecond, cancel)
		return passes
	})
	if err != passes {
		t.Errorf("got %v", err)
	}
}

func TestAfter(t *testing.T) {
	soon := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-1": 0, "1.5": 0, "soon": 0, "99999999999999999999": 0,
		"Thu, 01 Jan 1970 00:00:00 GMT": 0, soon: time.Hour,
	} {
		got := After(http.Header{"Retry-After": {value}})
		if got > want || got < want-time.Minute {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
