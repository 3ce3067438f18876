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

// unlimited is for what goes on until its context ends.
const unlimited = 100 * 365 * 24 * time.Hour

// Iface makes one interface what is asked for, once it has appeared, and does so again when its
// card is taken out and put back. It gives up after limit, and DHCP, where that is asked for,
// after as long again. What the kernel configured itself is left as it is.
func (m *Manager) Iface(ctx context.Context, f *Iface, limit time.Duration) (*Config, error) {
	c, err := m.configureIface(ctx, f, limit)
	if err == nil {
		m.outlive(c, func(ctx context.Context) (*Config, error) { return m.configureIface(ctx, f, unlimited) })
	}
	return c, err
}

func (m *Manager) configureIface(ctx context.Context, f *Iface, limit time.Duration) (*Config, error) {
	if f.Forward {
		if err := m.forward(); err != nil {
			return nil, err
		}
	}
	if f.Name == Any && f.Auto {
		return m.configureAny(ctx, f, limit)
	}
	link, err := m.appeared(ctx, f, limit)
	if err != nil {
		return nil, err
	}
	static := f.static(link)
	m.prepareIPv6(static.Link)
	if err := m.settle(link, f, static); err != nil {
		return nil, err
	}
	if !f.Auto {
		m.drop(static.Link + " DHCP")
		static.Routes = f.Routes
		return static, m.fix(link, static)
	}
	dynamic, err := m.ask(ctx, f, []string{literal(static.Link)}, limit)
	if err != nil {
		return nil, err
	}
	// only now: a gateway may be in the subnet that DHCP gave
	static.Routes = f.Routes
	return static.with(dynamic), m.fix(link, static)
}

// configureAny is for the first card that gets an answer, which is then given the rest.
func (m *Manager) configureAny(ctx context.Context, f *Iface, limit time.Duration) (*Config, error) {
	if err := m.resolv.set(Any+" static", f.DNS, f.Search); err != nil {
		return nil, err
	}
	dynamic, err := m.ask(ctx, f, nil, limit)
	if err != nil {
		return nil, err
	}
	link, err := linkByName(dynamic.Link)
	if err != nil {
		return nil, err
	}
	static := f.static(link)
	static.DNS, static.Search, static.Routes = nil, nil, f.Routes
	if err := m.settle(link, f, static); err != nil {
		return nil, err
	}
	both := static.with(dynamic)
	both.DNS = slices.Concat(f.DNS, dynamic.DNS)
	return both, nil
}

// appeared waits for the interface that is meant, and makes it first if it is not a card.
func (m *Manager) appeared(ctx context.Context, f *Iface, limit time.Duration) (netlink.Link, error) {
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := m.stack(waiting, f); err != nil {
		return nil, err
	}
	switch f.Name {
	case Any:
		return m.anyLink(waiting, f, limit)
	case Booted:
		if m.bootedCard() == nil {
			return nil, fmt.Errorf("interface %s: the boot loader did not say which card it came by: BOOTIF= is missing", f.Name)
		}
		return watchFor(waiting, m.isBooted, func() error {
			return fmt.Errorf("the card %v, by which the boot loader came, did not appear within %s", m.bootedCard(), span(limit))
		})
	}
	if m.isPort(f.Name) { // which a bond takes in only as long as nobody has brought it up
		taken := func(l netlink.Link) bool { return m.isNamed(l, f.Name) && l.Attrs().MasterIndex != 0 }
		return watchFor(waiting, taken, func() error { return fmt.Errorf("%s did not become a port within %s", f.Name, span(limit)) })
	}
	return m.waitNamed(waiting, f.Name)
}

// static is what is fixed of an interface, but for its routes.
func (f *Iface) static(link netlink.Link) *Config {
	return &Config{Link: link.Attrs().Name, Addresses: f.Addresses, DNS: f.DNS, Search: f.Search, Hostname: f.Hostname, MTU: f.Card.MTU, Source: "static"}
}

// settle sets the card, and gives its interface what is fixed.
func (m *Manager) settle(link netlink.Link, f *Iface, c *Config) error {
	if err := f.Card.setAddress(link); err != nil {
		return err
	}
	link, err := linkByName(c.Link)
	if err != nil {
		return err
	}
	if err := m.fix(link, c); err != nil {
		return err
	}
	return f.Card.setMode(link)
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
	if c.Hostname != "" {
		both.Hostname = c.Hostname
	}
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
