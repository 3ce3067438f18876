package network

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// Iface configures one interface as a value of b2c.iface= asks, once the
// interface has appeared. It gives up after limit, and DHCP, where that is asked for,
// after as long again.
func (m *Manager) Iface(ctx context.Context, f *Iface, limit time.Duration) (*Config, error) {
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	link, err := WaitLink(waiting, f.Name)
	if err != nil {
		return nil, err
	}
	if f.Forward {
		if err := m.forward(); err != nil {
			return nil, err
		}
	}
	static := &Config{Link: f.Name, Addresses: f.Addresses, DNS: f.DNS, Source: "static"}
	if !f.Auto {
		static.Routes = f.Routes
		m.drop(f.Name + " DHCP")
		return static, m.fix(link, static)
	}
	m.prepareIPv6(f.Name)
	if err := m.fix(link, static); err != nil {
		return nil, err
	}
	dynamic, err := m.DHCP(ctx, []string{literal(f.Name)}, limit)
	if err != nil {
		return nil, err
	}
	// only now: a gateway may be in the subnet that DHCP gave
	static.Routes = f.Routes
	if err := m.fix(link, static); err != nil {
		return nil, err
	}
	return static.with(dynamic), nil
}

// fix gives a link what a person chose for it.
func (m *Manager) fix(link netlink.Link, c *Config) error {
	if err := apply(link, nil, c, strict); err != nil {
		return err
	}
	return m.resolv.set(c.Link+" static", c.DNS, c.Search)
}

// with is what both say; where only one can hold, o.
func (c *Config) with(o *Config) *Config {
	both := *o
	both.Addresses = slices.Concat(c.Addresses, o.Addresses)
	both.Routes = slices.Concat(c.Routes, o.Routes)
	both.DNS = slices.Concat(c.DNS, o.DNS)
	return &both
}

// forward has the machine forward packets. A kernel that forwards IPv6 ignores
// router advertisements, and forgets the routes it has from them, on interfaces
// where it is not told otherwise first.
func (m *Manager) forward() error {
	accept, _ := filepath.Glob(m.sysctl("ipv6", "conf", "*", "accept_ra")) // fails for a bad pattern only
	for _, file := range accept {
		if value, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(value)) == "1" {
			os.WriteFile(file, []byte("2"), 0)
		}
	}
	if err := os.WriteFile(m.sysctl("ipv4", "ip_forward"), []byte("1"), 0); err != nil {
		return fmt.Errorf("enable forwarding: %w", err)
	}
	err := os.WriteFile(m.sysctl("ipv6", "conf", "all", "forwarding"), []byte("1"), 0)
	if err != nil && !os.IsNotExist(err) { // without IPv6 there is no such file
		return fmt.Errorf("enable IPv6 forwarding: %w", err)
	}
	return nil
}

// anyLink returns the interface to configure where none is named: the only one
// that a cable belongs to, or of several the first with a carrier.
func anyLink(ctx context.Context, limit time.Duration) (netlink.Link, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list the interfaces: %w", err)
	}
	links = slices.DeleteFunc(links, func(l netlink.Link) bool { return !isWired(l) })
	switch len(links) {
	case 1:
		return links[0], nil
	case 0:
		return watchFor(ctx, isWired, func() error { return noInterface(nil, limit) })
	}
	return firstCarrier(ctx, links, limit)
}

// firstCarrier brings interfaces up until one has a carrier, or ctx is done after limit,
// and leaves the others as they were found.
func firstCarrier(ctx context.Context, links []netlink.Link, limit time.Duration) (netlink.Link, error) {
	for _, l := range links {
		if err := setUp(l); err != nil {
			return nil, err
		}
	}
	winner, err := watchFor(ctx,
		func(l netlink.Link) bool {
			return hasCarrier(l) && slices.ContainsFunc(links, func(o netlink.Link) bool { return sameLink(o, l) })
		},
		func() error {
			return fmt.Errorf("no carrier on any of %d interfaces within %s: name the one that is meant", len(links), span(limit))
		})
	for _, l := range links {
		if !isUp(l) && (err != nil || !sameLink(l, winner)) {
			netlink.LinkSetDown(l)
		}
	}
	return winner, err
}

func sameLink(a, b netlink.Link) bool { return a.Attrs().Index == b.Attrs().Index }
