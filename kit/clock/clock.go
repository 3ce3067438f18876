// Package clock tells a clock that cannot be right from one that may be.
package clock

import "time"

// Earliest is when this was written: a clock that shows less has stopped, or was never set.
var Earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Latest is so much later that nobody runs this any more.
var Latest = Earliest.AddDate(20, 0, 0)

// Stopped tells whether a clock that shows now is not set.
func Stopped(now time.Time) bool { return now.Before(Earliest) }
