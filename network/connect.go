package network

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"bootrc/kit/retry"

	"github.com/vishvananda/netlink"
)

// Connect brings the machine onto the network as a plan says: all of its interfaces at once, each as
// soon as its card has appeared. What the kernel has done already is left as it is. It gives up after limit, and an interface that gets an address by
// DHCP beside a fixed one after as long again. The result is what each was configured with; those that failed are in the error.
//
// From then on the interfaces are followed: one whose card is taken out is configured
// again when it is back.
func (m *Manager) Connect(ctx context.Context, p *Plan, limit time.Duration) ([]*Config, error) {
	m.giveNames(p.names())
	if err := m.resolv.set("all static", p.DNS, nil); err != nil {
		return nil, err
	}
	var addressed []string
	for _, f := range p.Ifaces {
		if f.Auto || len(f.Addresses) > 0 {
			addressed = append(addressed, f.Name)
		}
		m.note(f) // before anybody may use a port for itself
	}
	for _, f := range p.Ifaces {
		f.others = addressed
	}
	configs, errs := make([]*Config, len(p.Ifaces)), make([]error, len(p.Ifaces))
	for i, f := range p.Ifaces { // which wait for nothing, and which others may be waiting for
		if len(f.Ports) > 0 {
			errs[i] = m.stack(ctx, f)
		}
	}
	var running sync.WaitGroup
	for i, f := range p.Ifaces {
		running.Go(func() {
			if p.ByKernel && errs[i] == nil {
				configs[i], errs[i] = m.kernelConfig(f.Name)
			}
			if configs[i] == nil && errs[i] == nil {
				configs[i], errs[i] = m.Iface(ctx, f, limit)
			}
		})
	}
	running.Wait()
	return slices.DeleteFunc(configs, func(c *Config) bool { return c == nil }), errors.Join(errs...)
}

// names are the plan's and those of its interfaces.
func (p *Plan) names() []Naming {
	names := slices.Clone(p.Names)
	for _, f := range p.Ifaces {
		if f.Match != nil {
			names = append(names, Naming{f.Name, f.Match})
		}
	}
	return names
}

// outlive connects again whenever the card that a network came by is gone, until the manager's
// end. The card's name is the task's, so that who configures it anew ends the old one.
func (m *Manager) outlive(c *Config, again func(ctx context.Context) (*Config, error)) {
	link, err := netlink.LinkByName(c.Link)
	if err != nil {
		return // it is gone already, and with it whoever would say so
	}
	m.keep(c.Link+" card", func(ctx context.Context) {
		for untilGone(ctx, link) {
			m.forget(link.Attrs().Name)
			next := m.insist(ctx, again)
			if ctx.Err() != nil {
				return
			}
			if l, err := netlink.LinkByName(next.Link); err == nil { // else it is gone once more
				link = l
			}
		}
	})
}

// insist connects until that succeeds, or ctx is done.
func (m *Manager) insist(ctx context.Context, connect func(ctx context.Context) (*Config, error)) *Config {
	for n := 0; ; n++ {
		c, err := connect(ctx)
		if err == nil || ctx.Err() != nil {
			return c
		}
		m.warn(err)
		retry.Sleep(ctx, lazy(n)) // it cannot be had now
	}
}

// untilGone waits until a link no longer exists; if ctx is done before, it is false.
func untilGone(ctx context.Context, link netlink.Link) bool {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := false
	for u := range watchLinks(within) {
		if u.gone && sameLink(u.Link, link) {
			return true
		}
		if !seen { // from now on each change is told
			seen = true
			if _, err := netlink.LinkByIndex(link.Attrs().Index); errors.As(err, new(netlink.LinkNotFoundError)) {
				return true
			}
		}
	}
	return false
}

// forget ends what goes on for an interface, and what it has said of DNS servers.
func (m *Manager) forget(name string) {
	m.drop(name + " DHCP")
	m.drop(name + " IPv6")
	m.resolv.set(name+" DHCP", nil, nil)
}
