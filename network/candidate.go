package network

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"

	"bootrc/kit/device"
	"bootrc/kit/retry"
)

// DefaultLimit is how long the network may take, from an interface's appearance to an
// answer: a switch with spanning tree forwards nothing for 30 to 50 s.
const DefaultLimit = time.Minute

// candidate is an interface that DHCP is tried on.
type candidate struct {
	link   netlink.Link
	found  bool // it was up already when we found it
	asking context.CancelFunc
	err    error // why it cannot be used
	lease  *lease
	six    bool // router advertisements are being followed on it
	global bool // IPv6 gave it a global address and a way to everywhere
}

func (c *candidate) String() string {
	name := c.link.Attrs().Name
	switch {
	case c.err != nil:
		return fmt.Sprintf("%s (%v)", name, c.err)
	case !hasCarrier(c.link):
		return name + " (no carrier)"
	default:
		return name + " (no answer)"
	}
}

// offerOf is the lease that a candidate got.
type offerOf struct {
	candidate *candidate
	lease     *lease
	err       error
}

// contest is one run of DHCP on all candidates at once.
type contest struct {
	m          *Manager
	wanted     *Iface
	patterns   []string // without any: whatever a cable belongs to
	candidates []*candidate
	answers    chan offerOf
	six        bool // candidates follow router advertisements from now on
	open       bool // to other cards than the one that the boot loader came by

	graceOver   bool // IPv6 alone is enough from now on
	serversOver bool // and that without a DNS server
}

// update takes note of what became of an interface: it is brought up when it is
// new, and asked on when it has a carrier.
func (c *contest) update(ctx context.Context, u linkUpdate) {
	known := c.find(u.Attrs().Index)
	if u.gone || known == nil && !c.m.eligible(c.wanted, c.patterns, u.Link) {
		c.forget(u)
		return
	}
	if known == nil {
		known = &candidate{found: isUp(u.Link)}
		c.candidates = append(c.candidates, known)
		known.link = u.Link
		c.m.prepareIPv6(u.Attrs().Name)
		known.err = setUp(u.Link)
	}
	same := bytes.Equal(known.link.Attrs().HardwareAddr, u.Attrs().HardwareAddr) // a bond has that of its first port
	gained := hasCarrier(u.Link) && (known.asking == nil || !same || !hasCarrier(known.link))
	known.link = u.Link
	if gained {
		c.ask(ctx, known)
	}
	c.follow(known)
}

func (c *contest) find(index int) *candidate {
	for _, known := range c.candidates {
		if known.link.Attrs().Index == index {
			return known
		}
	}
	return nil
}

// best is the candidate that wins now: one with a lease or with all that IPv6 needs, and the card that
// the boot loader came by before others, which has shown that it works.
func (c *contest) best() *candidate {
	for _, k := range c.candidates {
		ready := k.lease != nil || c.ready6(k)
		if ready && (c.open || c.m.isBooted(k.link)) {
			return k
		}
	}
	return nil
}

// hasBooted tells whether the card that the boot loader came by is there, and has a carrier.
func (c *contest) hasBooted() bool {
	return slices.ContainsFunc(c.candidates, func(k *candidate) bool { return hasCarrier(k.link) && c.m.isBooted(k.link) })
}

func (c *contest) anyCarrier() bool {
	return slices.ContainsFunc(c.candidates, func(k *candidate) bool { return hasCarrier(k.link) })
}

// forget drops an interface that has gone.
func (c *contest) forget(u linkUpdate) {
	known := c.find(u.Attrs().Index)
	if known == nil {
		return
	}
	known.stop()
	c.candidates = slices.DeleteFunc(c.candidates, func(k *candidate) bool { return k == known })
	c.m.drop(known.link.Attrs().Name + " IPv6")
}

// ask starts asking on a candidate, anew if that was going on: what was sent
// without a carrier is lost.
func (c *contest) ask(ctx context.Context, known *candidate) {
	known.stop()
	known.lease = nil
	if c.wanted.OnlyIPv6 {
		return
	}
	ctx, known.asking = context.WithCancel(ctx)
	client := c.m.client4(known.link)
	go func() {
		for ctx.Err() == nil {
			l, err := client.discover(ctx, eager)
			if ctx.Err() != nil {
				return // the end of the contest is no fault of the candidate's
			}
			select {
			case c.answers <- offerOf{known, l, err}:
			case <-ctx.Done():
				return
			}
			retry.Sleep(ctx, eager(2)) // packets cannot be sent now
		}
	}()
}

func (k *candidate) stop() {
	if k.asking != nil {
		k.asking()
	}
}

// settle stops all asking, and leaves every candidate but the winner as it was
// found.
func (c *contest) settle(winner *candidate) {
	for _, k := range c.candidates {
		k.stop()
		if k == winner {
			continue
		}
		c.m.drop(k.link.Attrs().Name + " IPv6")
		if !k.found {
			netlink.LinkSetDown(k.link)
		}
	}
}

// failure says what was tried in vain.
func (c *contest) failure(limit time.Duration) error {
	if len(c.candidates) == 0 {
		return noInterface(c.patterns, limit)
	}
	return fmt.Errorf("no address by DHCP or IPv6 within %s: tried %s", span(limit), join(c.candidates, ", "))
}

// noInterface is the error for interfaces that did not appear.
func noInterface(patterns []string, limit time.Duration) error {
	named := ""
	if len(patterns) > 0 {
		named = " named " + strings.Join(patterns, " or ")
	}
	return fmt.Errorf("no network interface%s appeared within %s; seen so far:%s", named, span(limit), device.Seen(device.Network))
}

// literal is the pattern that one name alone matches.
func literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
