package volume

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/clock"
)

// Expiration is when a volume is no longer wanted. The zero value is never.
type Expiration struct {
	pipelineEnd bool
	at          time.Time
}

const (
	never       = "never"
	pipelineEnd = "pipeline_end"
)

// ErrNoClock is wrapped for a time from now where the clock cannot be right.
var ErrNoClock = errors.New("the clock is not set")

// ParseExpiration reads "never", "pipeline_end", a time from now such as "+12h", "+7d" or
// "+2w", or a date of RFC 3339, with or without its time of day: 2027-01-31 ends as that
// day begins, in UTC.
func ParseExpiration(text string, now time.Time) (Expiration, error) {
	switch text {
	case never:
		return Expiration{}, nil
	case pipelineEnd:
		return Expiration{pipelineEnd: true}, nil
	}
	if span, ok := strings.CutPrefix(text, "+"); ok {
		d, ok := parseSpan(span)
		if ok && clock.Stopped(now) {
			return Expiration{}, fmt.Errorf("expiration %s: %w", text, ErrNoClock)
		}
		if ok {
			return Expiration{at: now.Add(d).UTC().Truncate(time.Second)}, nil
		}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return Expiration{at: at.UTC()}, nil
		}
	}
	return Expiration{}, fmt.Errorf("expiration %q: expected never, pipeline_end, a time such as +7d, or a date such as 2027-01-31", clip(text))
}

// parseSpan reads a number of hours, days or weeks.
func parseSpan(text string) (time.Duration, bool) {
	units := map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	if text == "" {
		return 0, false
	}
	number, unit := text[:len(text)-1], text[len(text)-1:]
	n, err := strconv.ParseUint(number, 10, 16)
	return time.Duration(n) * units[unit], err == nil && units[unit] != 0
}

// Expired tells whether the volume is no longer wanted where no pipeline runs.
func (e Expiration) Expired(now time.Time) bool {
	return e.pipelineEnd || !e.at.IsZero() && !now.Before(e.at)
}

// String is the expiration as ParseExpiration reads it.
func (e Expiration) String() string {
	switch {
	case e.pipelineEnd:
		return pipelineEnd
	case e.at.IsZero():
		return never
	}
	return e.at.Format(time.RFC3339)
}

// MarshalText and UnmarshalText are the form in volume.json.
func (e Expiration) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

func (e *Expiration) UnmarshalText(text []byte) (err error) {
	*e, err = ParseExpiration(string(text), time.Time{})
	return err
}
