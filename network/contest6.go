package network

import (
	"context"
	"slices"

	"github.com/vishvananda/netlink"
)

// startIPv6 follows router advertisements on the candidates with a carrier, and
// reports changes of addresses.
func (c *contest) startIPv6(ctx context.Context) <-chan netlink.AddrUpdate {
	c.six = true
	for _, k := range c.candidates {
		c.follow(k)
	}
	return watchAddresses(ctx)
}

// follow follows router advertisements on one candidate, once it is time.
func (c *contest) follow(k *candidate) {
	if c.six && !k.six && hasCarrier(k.link) {
		k.six = true
		c.m.followIPv6(k.link, 0)
	}
}

// noteIPv6 takes note of a candidate's IPv6 address to everywhere.
func (c *contest) noteIPv6(u netlink.AddrUpdate) {
	k := c.find(u.LinkIndex)
	if k == nil || !canUse(u) || u.LinkAddress.IP.To4() != nil || !leadsOut(u.Scope) {
		return
	}
	k.global = slices.ContainsFunc(routes6(k.link), Route.isDefault)
}

// ready6 tells whether IPv6 is enough on a candidate: it leads everywhere, IPv4 had its time to answer,
// and so had who names DNS servers.
func (c *contest) ready6(k *candidate) bool {
	named := c.serversOver || len(c.m.resolv.servers(k.link.Attrs().Name)) > 0
	return k.global && c.graceOver && named
}

// won6 ends the contest with an IPv6 network. IPv4 is asked for further on.
func (c *contest) won6(k *candidate) (*Config, error) {
	c.settle(k)
	if c.wanted.OnlyIPv6 {
		return c.m.current(k.link, netlink.FAMILY_V6, "IPv6"), nil
	}
	name := k.link.Attrs().Name
	c.m.keep(name+" DHCP", func(ctx context.Context) { c.m.keep4(ctx, c.m.client4(k.link), nil) })
	return c.m.current(k.link, netlink.FAMILY_V6, "IPv6, no DHCP answer"), nil
}
