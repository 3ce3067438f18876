package network

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// IPConfig does what the kernel's ip= parameter asks for, unless the kernel has
// done it: then only its DNS servers are taken over. It returns nil, nil if the
// parameter asks for nothing (ip=off), and gives up after limit.
func (m *Manager) IPConfig(ctx context.Context, p *IPParam, limit time.Duration) (*Config, error) {
	if !p.Auto && !p.Client.IsValid() {
		return nil, nil
	}
	if c, err := m.kernelConfig(p.Device); c != nil || err != nil {
		return c, err
	}
	if p.Auto {
		return m.autoconf(ctx, p, limit)
	}
	link, err := p.link(ctx, limit)
	if err != nil {
		return nil, err
	}
	c := &Config{
		Link:      link.Attrs().Name,
		Addresses: []netip.Prefix{p.Client},
		DNS:       p.DNS,
		Hostname:  p.Hostname,
		Source:    "static",
	}
	if p.Gateway.IsValid() {
		c.Routes = []Route{defaultRoute(p.Gateway)}
	}
	m.drop(c.Link + " DHCP")
	return c, m.fix(link, c)
}

func (m *Manager) autoconf(ctx context.Context, p *IPParam, limit time.Duration) (*Config, error) {
	var patterns []string
	if p.Device != "" {
		patterns = []string{literal(p.Device)}
	}
	c, err := m.DHCP(ctx, patterns, limit)
	if err != nil {
		return nil, err
	}
	if err := m.resolv.set(c.Link+" static", p.DNS, nil); err != nil {
		return nil, err
	}
	named := (&Config{DNS: p.DNS}).with(c)
	if p.Hostname != "" {
		named.Hostname = p.Hostname
	}
	return named, nil
}

// link waits for the device that is meant.
func (p *IPParam) link(ctx context.Context, limit time.Duration) (netlink.Link, error) {
	if p.Device == "" {
		return anyLink(ctx, limit)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return WaitLink(ctx, p.Device)
}

// kernelConfig returns what the kernel configured, or nil if it did not. The file
// alone does not tell: it is there, with the parameter's own servers, also when
// the kernel found no device because its driver is a module.
func (m *Manager) kernelConfig(device string) (*Config, error) {
	content, err := os.ReadFile(filepath.Join(m.proc, "net", "pnp"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("learn what the kernel configured: %w", err)
	}
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list the interfaces: %w", err)
	}
	for _, l := range links {
		if device != "" && l.Attrs().Name != device {
			continue
		}
		c := m.current(l, netlink.FAMILY_V4, "by the kernel")
		if len(c.Addresses) == 0 {
			continue
		}
		c.DNS, c.Search = parsePNP(string(content))
		return c, m.resolv.set(c.Link+" kernel", c.DNS, c.Search)
	}
	return nil, nil
}

// parsePNP reads the servers and the domain in /proc/net/pnp
// (Documentation/admin-guide/nfs/nfsroot.rst). What is no address, or no domain,
// is left out: a DHCP server may have said so.
func parsePNP(content string) (servers []netip.Addr, search []string) {
	for line := range strings.Lines(content) {
		words := strings.Fields(line)
		if len(words) != 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			if a, err := parseAddr(words[1]); err == nil && !a.IsUnspecified() {
				servers = append(servers, a)
			}
		case "domain":
			search = append(search, words[1])
		}
	}
	return servers, domains(search)
}
