package network

import (
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// current is what a link is configured with now in a family
// (netlink.FAMILY_V4 or _V6), whoever did it.
func (m *Manager) current(link netlink.Link, family int, source string) *Config {
	c := &Config{Link: link.Attrs().Name, MTU: link.Attrs().MTU, Source: source}
	addrs, _ := netlink.AddrList(link, family) // nothing to show if it fails
	for _, a := range addrs {
		if leadsOut(a.Scope) {
			c.Addresses = append(c.Addresses, prefix(a.IPNet))
		}
	}
	for _, r := range routesOf(link, family) {
		if r.isDefault() {
			c.Routes = append(c.Routes, r)
		}
	}
	c.DNS = m.resolv.servers(c.Link)
	return c
}

// leadsOut tells whether an address of that scope is good for more than its link.
// Site-local ones (RFC 3879) are what QEMU's own network gives.
func leadsOut(scope int) bool {
	return scope == unix.RT_SCOPE_UNIVERSE || scope == unix.RT_SCOPE_SITE
}

func routes6(link netlink.Link) []Route { return routesOf(link, netlink.FAMILY_V6) }

// routesOf are a link's routes in the main table.
func routesOf(link netlink.Link, family int) []Route {
	list, _ := netlink.RouteList(link, family)
	routes := make([]Route, 0, len(list))
	for _, r := range list {
		via, _ := netip.AddrFromSlice(r.Gw)
		route := Route{Dst: prefix(r.Dst), Via: via.Unmap()}
		if !route.Dst.IsValid() { // the library's way to say everywhere
			route = defaultOf(family, route.Via)
		}
		routes = append(routes, route)
	}
	return routes
}

func defaultOf(family int, via netip.Addr) Route {
	if family == netlink.FAMILY_V6 {
		return Route{netip.PrefixFrom(netip.IPv6Unspecified(), 0), via}
	}
	return Route{netip.PrefixFrom(netip.IPv4Unspecified(), 0), via}
}

// prefix converts the standard library's older type; nil becomes the zero Prefix.
func prefix(n *net.IPNet) netip.Prefix {
	if n == nil {
		return netip.Prefix{}
	}
	a, _ := netip.AddrFromSlice(n.IP)
	ones, _ := n.Mask.Size()
	return netip.PrefixFrom(a.Unmap(), ones)
}
