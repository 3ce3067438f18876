package container

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// restartPolicy says when a container that ended is started again.
type restartPolicy struct {
	always    bool
	onFailure bool
	most      int // restarts on failure, 0 for any number
}

func (p *restartPolicy) set(text string) error {
	*p = restartPolicy{}
	name, times, limited := strings.Cut(text, ":")
	if limited && name != "on-failure" {
		return errors.New("only on-failure takes a number")
	}
	switch name {
	case "", "no", "never":
	case "always", "unless-stopped":
		p.always = true
	case "on-failure":
		p.onFailure = true
		if limited {
			n, err := strconv.ParseUint(times, 10, 31)
			if err != nil {
				return errors.New("expected on-failure[:TIMES]")
			}
			p.most = int(n)
		}
	default:
		return errors.New("expected no, on-failure[:TIMES] or always")
	}
	return nil
}

// again tells whether a container that ended with status, and was restarted so
// often, is started once more.
func (p restartPolicy) again(status, restarts int) bool {
	return p.always || p.onFailure && status != 0 && (p.most == 0 || restarts < p.most)
}

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
