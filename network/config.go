package network

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Config is what one interface is configured with.
type Config struct {
	Link      string         // the interface's name
	Addresses []netip.Prefix // with the length of their subnet
	Routes    []Route
	DNS       []netip.Addr
	Search    []string // domains to search, as in resolv.conf(5)
	NTP       []netip.Addr
	Hostname  string        // what the network calls this machine, or ""
	MTU       int           // in bytes, or 0 to leave it as it is
	Lifetime  time.Duration // how long the addresses hold, or 0 for ever
	Source    string        // who said so: "static", "DHCP from 10.0.2.2, lease 1 day"
}

// Route leads to Dst by the gateway Via, or straight onto the link where Via is
// the zero Addr.
type Route struct {
	Dst netip.Prefix
	Via netip.Addr
}

// isDefault tells whether the route is one to everywhere.
func (r Route) isDefault() bool { return r.Dst.Bits() == 0 }

// defaultRoute is the route to everywhere by a gateway, in the gateway's family.
func defaultRoute(via netip.Addr) Route {
	if via.Is4() {
		return Route{netip.PrefixFrom(netip.IPv4Unspecified(), 0), via}
	}
	return Route{netip.PrefixFrom(netip.IPv6Unspecified(), 0), via}
}

// String is the one line that tells a person how the interface is configured:
//
//	eth0: 10.0.2.15/24, gateway 10.0.2.2, DNS 10.0.2.3 (DHCP from 10.0.2.2, lease 1 day)
func (c *Config) String() string {
	var parts []string
	for _, a := range c.Addresses {
		parts = append(parts, a.String())
	}
	for _, r := range c.Routes {
		if r.isDefault() && r.Via.IsValid() {
			parts = append(parts, "gateway "+r.Via.String())
		}
	}
	if len(c.DNS) > 0 {
		parts = append(parts, "DNS "+join(c.DNS, " "))
	}
	if len(parts) == 0 {
		parts = []string{"up, no address"}
	}
	return fmt.Sprintf("%s: %s (%s)", c.Link, strings.Join(parts, ", "), c.Source)
}

func join[T fmt.Stringer](list []T, separator string) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = v.String()
	}
	return strings.Join(words, separator)
}

// span writes a duration of whole seconds in the largest unit that leaves no
// rest: "1 day", "90 minutes".
func span(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := d / unit.length; n > 0 && d%unit.length == 0 {
			return plural(int(n), unit.name)
		}
	}
	return plural(int(d/time.Second), "second")
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
