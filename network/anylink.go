package network

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
)

// anyLink returns the interface to configure where none is named: the card that the boot loader came
// by, if it said so, the only one that a cable belongs to, or of several the first with a carrier.
func (m *Manager) anyLink(ctx context.Context, f *Iface, limit time.Duration) (netlink.Link, error) {
	if m.bootedCard() != nil {
		return watchFor(ctx, m.isBooted, func() error { return noInterface(nil, limit) })
	}
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list the interfaces: %w", err)
	}
	links = slices.DeleteFunc(links, func(l netlink.Link) bool { return !m.eligible(f, nil, l) })
	switch len(links) {
	case 1:
		return links[0], nil
	case 0:
		return watchFor(ctx, func(l netlink.Link) bool { return m.eligible(f, nil, l) }, func() error { return noInterface(nil, limit) })
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

// eligible tells whether an interface is one of those that the patterns name or, without any, that
// a cable belongs to, or a bond, a bridge or a VLAN that was made here. Neither a port of
// such, nor a card that is still to get its name, nor one that has a plan of its own is.
func (m *Manager) eligible(f *Iface, patterns []string, l netlink.Link) bool {
	name := l.Attrs().Name
	m.mu.Lock()
	stacked := slices.Contains(m.stacked, name)
	m.mu.Unlock()
	switch {
	case m.nameOf(l) != "":
		return false
	case len(patterns) > 0:
		return matches(patterns, name)
	}
	return (isWired(l) || stacked) && !m.isPort(name) && !slices.Contains(f.others, name)
}

// bootedCard is the address of the card that the boot loader came by, or nil.
func (m *Manager) bootedCard() net.HardwareAddr {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.booted
}

// setBooted notes that address, unless it is nil.
func (m *Manager) setBooted(mac net.HardwareAddr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if mac != nil {
		m.booted = mac
	}
}

func (m *Manager) isBooted(l netlink.Link) bool { return isCard(l, m.bootedCard()) }
