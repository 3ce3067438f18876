package container

import (
	"errors"
	"strconv"
	"strings"
)

// RestartPolicy says when a container that ended is started again; the zero one:
// never.
type RestartPolicy struct {
	always    bool
	onFailure bool
	most      int // restarts on failure, 0 for any number
}

func (p *RestartPolicy) set(text string) error {
	*p = RestartPolicy{}
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

// Again tells whether a container that ended with status, and was restarted so
// often, is started once more.
func (p RestartPolicy) Again(status, restarts int) bool {
	return p.always || p.onFailure && status != 0 && (p.most == 0 || restarts < p.most)
}
