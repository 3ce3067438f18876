package service

import (
	"time"
)

const (
	firstPause = 100 * time.Millisecond
	longPause  = time.Minute

	// settled is how long a container must have run for its next failure to be
	// its first.
	settled = 10 * time.Second
)

// pauses grow with each restart.
type pauses struct{ next time.Duration }

// after returns how long to wait after a container that ran for so long.
func (p *pauses) after(ran time.Duration) time.Duration {
	if ran >= settled || p.next == 0 {
		p.next = firstPause
	}
	pause := p.next
	p.next = min(2*p.next, longPause)
	return pause
}
