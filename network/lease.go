package network

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// Bounds on what a server may say about a lease's length. A lease without a
// length, or of 0 seconds, is taken as one of an hour.
const (
	forever       = time.Duration(0xffffffff) * time.Second
	shortestLease = 2 * time.Second // bounds how often we would ask
	unsaidLease   = time.Hour
)

// lease is a DHCPv4 server's answer, as far as it makes sense.
type lease struct {
	Config
	server netip.Addr
	length time.Duration // forever, or the rest
	renew  time.Duration // T1 of RFC 2131, section 4.4.5
	rebind time.Duration // T2
	got    time.Time
	answer *dhcpv4.DHCPv4
}

// newLease reads an offer or an acknowledgement for an interface. The server is
// not trusted: what cannot be meant is left out, and only an answer without a
// usable address or server is an error.
func newLease(link string, m *dhcpv4.DHCPv4) (*lease, error) {
	address, ok := hostAddr(m.YourIPAddr)
	if !ok {
		return nil, fmt.Errorf("the server offers %s, which is not the address of a host", m.YourIPAddr)
	}
	server, ok := hostAddr(m.ServerIdentifier())
	if !ok {
		return nil, fmt.Errorf("the server does not name itself")
	}
	l := &lease{server: server, got: time.Now(), answer: m}
	l.setTimes(m)
	l.Link = link
	l.Addresses = []netip.Prefix{netip.PrefixFrom(address, maskOr(m.SubnetMask(), classLength(address)))}
	l.Routes = leaseRoutes(m, address)
	l.DNS = leaseServers(m)
	l.Search = leaseSearch(m)
	if name := printable(m.HostName()); checkDomain(name) == nil {
		l.Hostname = name
	}
	// below 576 bytes IPv4 itself no longer works well (RFC 791, section 3.1)
	if mtu, err := dhcpv4.GetUint16(dhcpv4.OptionInterfaceMTU, m.Options); err == nil && mtu >= 576 {
		l.MTU = int(mtu)
	}
	l.Source = fmt.Sprintf("DHCP from %s, lease %s", l.server, "for ever")
	if l.length != forever {
		l.Source = fmt.Sprintf("DHCP from %s, lease %s", l.server, span(l.length))
		l.Lifetime = l.length
	}
	return l, nil
}

// setTimes sets the lease's length and when to renew and rebind it, where the
// server gives no order that makes sense at 1/2 and 7/8 of it.
func (l *lease) setTimes(m *dhcpv4.DHCPv4) {
	l.length = m.IPAddressLeaseTime(unsaidLease)
	if l.length == 0 {
		l.length = unsaidLease
	}
	l.length = max(l.length, shortestLease)
	l.renew = m.IPAddressRenewalTime(l.length / 2)
	l.rebind = m.IPAddressRebindingTime(l.length * 7 / 8)
	if l.renew < time.Second || l.renew >= l.rebind || l.rebind >= l.length {
		l.renew, l.rebind = l.length/2, l.length*7/8
	}
}

// leaseRoutes are the classless routes (RFC 3442), or without these one by the
// first router: RFC 3442 says that the former make the latter void.
func leaseRoutes(m *dhcpv4.DHCPv4, self netip.Addr) []Route {
	const limit = 64
	var routes []Route
	add := func(r Route) {
		if r.Via != self && len(routes) < limit && !slices.Contains(routes, r) {
			routes = append(routes, r)
		}
	}
	for _, c := range m.ClasslessStaticRoute() {
		dst, _ := netip.AddrFromSlice(c.Dest.IP.To4())
		ones, _ := c.Dest.Mask.Size()
		subnet := netip.PrefixFrom(dst, ones).Masked()
		via, ok := hostAddr(c.Router)
		switch {
		case !subnet.IsValid() || dst.IsMulticast() || dst.IsLoopback():
		case ok:
			add(Route{subnet, via})
		case c.Router.IsUnspecified():
			add(Route{Dst: subnet})
		}
	}
	// a route by a gateway needs the way to that gateway to be there
	slices.SortStableFunc(routes, func(a, b Route) int { return rank(a) - rank(b) })
	if len(m.Options.Get(dhcpv4.OptionClasslessStaticRoute)) > 0 && len(routes) > 0 {
		return routes
	}
	for _, router := range m.Router() {
		if via, ok := hostAddr(router); ok && via != self {
			return []Route{defaultRoute(via)}
		}
	}
	return nil
}

func rank(r Route) int {
	if r.Via.IsValid() {
		return 1
	}
	return 0
}

// leaseServers are the first three DNS servers that can be any.
func leaseServers(m *dhcpv4.DHCPv4) []netip.Addr {
	var servers []netip.Addr
	for _, ip := range m.DNS() {
		if a, ok := hostAddr(ip); ok && len(servers) < 3 {
			servers = append(servers, a)
		}
	}
	return servers
}

// leaseSearch is the search list (RFC 3397), or without one the domain's name,
// where many servers put several, with spaces between.
func leaseSearch(m *dhcpv4.DHCPv4) []string {
	if labels := m.DomainSearch(); labels != nil {
		if list := domains(labels.Labels); len(list) > 0 {
			return list
		}
	}
	return domains(strings.Fields(printable(m.DomainName())))
}

// printable cuts the zero byte, and what follows, that some servers end a string
// with.
func printable(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}

// hostAddr converts an IPv4 address if it can be that of one other host.
func hostAddr(ip net.IP) (netip.Addr, bool) {
	a, ok := netip.AddrFromSlice(ip.To4())
	if !ok {
		return a, false
	}
	first := a.As4()[0]
	return a, first != 0 && first != 127 && first < 224
}

// maskOr is the length of a netmask, or another if the mask is not a valid one.
func maskOr(mask net.IPMask, other int) int {
	if ones, bits := mask.Size(); bits == 32 && ones > 0 {
		return ones
	}
	return other
}
