package network

import (
	"context"
	"fmt"
	"path"
	"time"

	"github.com/vishvananda/netlink"
)

// DHCP configures the first interface that gets an answer, of those whose names
// match a pattern (path.Match) or, without patterns, of those that a cable belongs to,
// and keeps the lease from then on. All are tried at once, as soon as they appear and have a carrier; those that lose are left as
// they were found. Where only IPv6 answers, a global address and a route to
// everywhere count as success.
//
// It gives up after limit, with one error that lists what was tried.
func (m *Manager) DHCP(ctx context.Context, patterns []string, limit time.Duration) (*Config, error) {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	anything := &Iface{}
	result, err := m.ask(ctx, anything, patterns, limit)
	if err == nil {
		m.outlive(result, func(ctx context.Context) (*Config, error) { return m.ask(ctx, anything, patterns, unlimited) })
	}
	return result, err
}

// ask is one contest, for what an interface wants of it.
func (m *Manager) ask(ctx context.Context, f *Iface, patterns []string, limit time.Duration) (*Config, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := &contest{m: m, wanted: f, patterns: patterns, answers: make(chan offerOf), open: m.bootedCard() == nil || limit == unlimited}
	result, err := c.run(limited, limit)
	if ctx.Err() != nil && err != nil {
		return nil, ctx.Err()
	}
	return result, err
}

// run is the contest from its start to its end.
func (c *contest) run(ctx context.Context, limit time.Duration) (*Config, error) {
	links, boot := watchLinks(ctx), time.After(c.m.times.boot)
	var follow, grace <-chan time.Time
	var addresses <-chan netlink.AddrUpdate
	for {
		select {
		case u, ok := <-links:
			if !ok { // ctx is done
				return c.end(limit)
			}
			c.update(ctx, u)
			if grace == nil && c.anyCarrier() {
				follow, grace = c.timers()
			}
		case a := <-c.answers:
			a.candidate.err, a.candidate.lease = a.err, a.lease
		case <-follow:
			addresses = c.startIPv6(ctx)
		case u, ok := <-addresses:
			if !ok {
				addresses = watchAddresses(ctx)
				continue
			}
			c.noteIPv6(u)
		case <-grace:
			c.serversOver, c.graceOver = c.graceOver, true
			grace = time.After(c.m.times.grace)
		case <-boot:
			c.open = c.open || !c.hasBooted()
		}
		if k := c.best(); k != nil {
			return c.won(k)
		}
	}
}

// timers tell when IPv6 is looked after, and when it is enough.
func (c *contest) timers() (follow, grace <-chan time.Time) {
	if c.wanted.OnlyIPv6 {
		return time.After(0), time.After(0)
	}
	return time.After(c.m.times.delay), time.After(c.m.times.grace)
}

// end is the contest's end when the time is over.
func (c *contest) end(limit time.Duration) (*Config, error) {
	c.open, c.graceOver, c.serversOver = true, true, true
	if k := c.best(); k != nil {
		return c.won(k)
	}
	err := c.failure(limit)
	c.settle(nil)
	return nil, err
}

// won ends the contest with what a candidate has.
func (c *contest) won(k *candidate) (*Config, error) {
	if k.lease != nil {
		return c.won4(k)
	}
	return c.won6(k)
}

// won4 ends the contest with an IPv4 lease.
func (c *contest) won4(k *candidate) (*Config, error) {
	c.settle(k)
	name := k.link.Attrs().Name
	if err := c.m.configure(k.link, "DHCP", nil, &k.lease.Config); err != nil {
		return nil, err
	}
	c.m.keep(name+" DHCP", func(ctx context.Context) { c.m.keep4(ctx, c.m.client4(k.link), k.lease) })
	if !k.six {
		c.m.followIPv6(k.link, c.m.times.rest)
	}
	return &k.lease.Config, nil
}

// configure gives a link what a server said, and resolv.conf its DNS servers. A
// part of it that the kernel refuses is only a warning: a server's mistake in one
// route should not cost the network. The kind tells the servers' source from
// others of the same link.
func (m *Manager) configure(link netlink.Link, kind string, former, next *Config) error {
	tolerate := func(err error) error {
		m.warn(err)
		return nil
	}
	if err := apply(link, former, next, tolerate); err != nil {
		return err
	}
	m.noteTimeServers(next.NTP)
	return m.resolv.set(next.Link+" "+kind, next.DNS, next.Search)
}
