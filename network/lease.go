package network

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"bootrc/kit/order"
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
}

// newLease reads an offer or an acknowledgement for an interface. The server is
// not trusted: what cannot be meant is left out, and only an answer without a
// usable address or server is an error.
func newLease(link string, m *message4) (*lease, error) {
	address, ok := hostAddr(m.your.AsSlice())
	if !ok {
		return nil, fmt.Errorf("the server offers %s, which is not the address of a host", m.your)
	}
	server, ok := m.server()
	if !ok {
		return nil, fmt.Errorf("the server has no address")
	}
	l := &lease{server: server, got: time.Now()}
	l.setTimes(m)
	l.Link = link
	l.Addresses = []netip.Prefix{netip.PrefixFrom(address, maskOr(m.options[optMask], classLength(address)))}
	l.Routes = leaseRoutes(m, address)
	l.DNS = hosts(m.options[optDNS], 3)
	l.Search = leaseSearch(m)
	l.NTP = hosts(m.options[optTimeServers], 3)
	l.Hostname = leaseHostname(m)
	// below 576 bytes IPv4 itself no longer works well (RFC 791, section 3.1)
	if mtu := m.options[optMTU]; len(mtu) == 2 && binary.BigEndian.Uint16(mtu) >= 576 {
		l.MTU = int(binary.BigEndian.Uint16(mtu))
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
func (l *lease) setTimes(m *message4) {
	l.length = m.duration(optLeaseTime, unsaidLease)
	if l.length == 0 {
		l.length = unsaidLease
	}
	l.length = max(l.length, shortestLease)
	l.renew = m.duration(optRenewal, l.length/2)
	l.rebind = m.duration(optRebinding, l.length/8*7)
	if l.renew < time.Second || l.renew >= l.rebind || l.rebind >= l.length {
		l.renew, l.rebind = l.length/2, l.length/8*7
	}
}

// leaseRoutes are the classless routes of RFC 3442, or those that Microsoft's servers have
// under a number of their own, or without these one by the first router and those of RFC 2132,
// section 5.8: RFC 3442 says that the former make the latter void.
func leaseRoutes(m *message4, self netip.Addr) []Route {
	for _, code := range []byte{optClassless, optMicrosoft} {
		if routes := reachable(classless(m.options[code]), self); len(routes) > 0 {
			return routes
		}
	}
	var routes []Route
	if routers := hosts(m.options[optRouters], 1, self); len(routers) > 0 {
		routes = []Route{defaultRoute(routers[0])}
	}
	return append(routes, reachable(classful(m.options[optClassful]), self)...)
}

// classless reads the routes of RFC 3442: the length of a destination, as many of its bytes as that needs,
// and a router. There are none if they are not whole.
func classless(b []byte) []Route {
	var routes []Route
	for len(b) > 0 {
		length := int(b[0])
		router := 1 + (length+7)/8
		if length > 32 || len(b) < router+4 {
			return nil
		}
		var dst [4]byte
		copy(dst[:], b[1:router])
		via := netip.AddrFrom4([4]byte(b[router:]))
		if via.IsUnspecified() { // straight onto the link
			via = netip.Addr{}
		}
		routes = append(routes, Route{netip.PrefixFrom(netip.AddrFrom4(dst), length).Masked(), via})
		b = b[router+4:]
	}
	return routes
}

// classful reads pairs of a destination, a host or a network of the length of its class, and a router.
func classful(option []byte) []Route {
	var routes []Route
	for pair := range slices.Chunk(option, 8) {
		if len(pair) < 8 {
			break
		}
		dst, via := netip.AddrFrom4([4]byte(pair)), netip.AddrFrom4([4]byte(pair[4:]))
		subnet := netip.PrefixFrom(dst, classLength(dst)).Masked()
		if subnet.Addr() != dst {
			subnet = netip.PrefixFrom(dst, dst.BitLen())
		}
		if !dst.IsUnspecified() { // everywhere is the routers' option's
			routes = append(routes, Route{subnet, via})
		}
	}
	return routes
}

// reachable are the first routes that can be meant for a host that is self.
func reachable(list []Route, self netip.Addr) []Route {
	const limit = 64
	var routes []Route
	for _, r := range list {
		dst := r.Dst.Addr()
		isHost := !r.Via.IsValid()
		if r.Via.IsValid() {
			_, isHost = hostAddr(r.Via.AsSlice())
		}
		if isHost && r.Dst.IsValid() && !dst.IsMulticast() && !dst.IsLoopback() && r.Via != self && len(routes) < limit && !slices.Contains(routes, r) {
			routes = append(routes, r)
		}
	}
	// a route by a gateway needs the way to that gateway to be there
	order.By(routes, func(a, b Route) int { return rank(a) - rank(b) })
	return routes
}

func rank(r Route) int {
	if r.Via.IsValid() {
		return 1
	}
	return 0
}

// hosts are the first addresses of a list that can be those of other hosts, each once.
func hosts(option []byte, limit int, self ...netip.Addr) []netip.Addr {
	var list []netip.Addr
	for four := range slices.Chunk(option, 4) {
		if a, ok := hostAddr(four); ok && len(list) < limit && !slices.Contains(list, a) && !slices.Contains(self, a) {
			list = append(list, a)
		}
	}
	return list
}

// leaseSearch is the search list (RFC 3397), or without one the domain's name,
// where many servers put several, with spaces between.
func leaseSearch(m *message4) []string {
	if list := domains(searchList(m.options[optSearch])); len(list) > 0 {
		return list
	}
	return domains(strings.Fields(printable(string(m.options[optDomain]))))
}

// leaseHostname is the name that the network has for this machine, of RFC 2132, section 3.14, or
// of RFC 4702, or "" if it cannot be one.
func leaseHostname(m *message4) string {
	name := printable(string(m.options[optHostname]))
	if fqdn := m.options[optFQDN]; name == "" && len(fqdn) > 3 {
		name = printable(string(fqdn[3:]))
		if fqdn[0]&fqdnEncoded != 0 {
			name, _, _ = readName(fqdn[3:], 0)
		}
	}
	if checkDomain(name) != nil {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}

// printable cuts the zero byte, and what follows, that some servers end a string
// with.
func printable(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}

// hostAddr converts an IPv4 address if it can be that of one other host.
func hostAddr(b []byte) (netip.Addr, bool) {
	if len(b) != 4 {
		return netip.Addr{}, false
	}
	a := netip.AddrFrom4([4]byte(b))
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
