package network

import (
	"fmt"
	"net/netip"
	"strings"
)

// parseRoute parses DST:GW. DST is a subnet, one host, or the word default.
// Either side may stand in brackets, and must only where IPv6 would be
// ambiguous without:
//
//	10.0.0.0/8:10.1.1.1    [2001:db8::/32]:[fe80::1]    2001:db8::/32:fe80::1    default:fe80::1
func parseRoute(s string) (Route, error) {
	dst, via, err := cutRoute(s)
	if err != nil {
		return Route{}, err
	}
	r, err := routeOf(dst, via)
	if err == nil && !r.Via.IsValid() {
		_, err = parseAddr(via)
	}
	return r, err
}

// routeOf is the route to a subnet, one host, or the word default by a gateway or, where that is "", onto the link.
// A subnet's length may be a netmask.
func routeOf(dst, via string) (Route, error) {
	var r Route
	var err error
	if via != "" {
		if r.Via, err = parseAddr(via); err != nil {
			return Route{}, err
		}
	}
	if dst == "default" && r.Via.IsValid() {
		return defaultRoute(r.Via), nil
	}
	if addr, mask, ok := strings.Cut(dst, "/"); ok && strings.Contains(mask, ".") {
		length, err := maskLength(mask)
		if err != nil {
			return Route{}, err
		}
		dst = fmt.Sprintf("%s/%d", addr, length)
	}
	subnet, err := parsePrefix(dst)
	if err != nil {
		return Route{}, err
	}
	if r.Via.IsValid() && subnet.Addr().Is4() != r.Via.Is4() {
		return Route{}, fmt.Errorf("%s and %s are of different families", subnet, r.Via)
	}
	r.Dst = subnet.Masked()
	return r, nil
}

// cutRoute finds the colon between destination and gateway: the first one after
// a destination in brackets or after a subnet's length, or the only one.
func cutRoute(s string) (dst, via string, err error) {
	from := 0
	if strings.HasPrefix(s, "[") {
		from = strings.IndexByte(s, ']') + 1
	}
	if slash := strings.IndexByte(s[from:], '/'); slash >= 0 {
		from += slash
	}
	colon := strings.IndexByte(s[from:], ':')
	if colon < 0 {
		return "", "", fmt.Errorf("%q is not DST:GW, such as 10.0.0.0/8:10.1.1.1", s)
	}
	dst, via = s[:from+colon], s[from+colon+1:]
	if from == 0 && dst != "default" && strings.Contains(via, ":") {
		return "", "", fmt.Errorf("%q could be read in several ways: write [DST]:[GW]", s)
	}
	return dst, via, nil
}

// parseDestination parses what ip route takes as a destination: a subnet, one
// host, or the word default, which is of the family asked for.
func parseDestination(s string, v6 bool) (netip.Prefix, error) {
	switch {
	case s == "default" && v6:
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0), nil
	case s == "default":
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0), nil
	}
	p, err := parsePrefix(s)
	return p.Masked(), err
}
