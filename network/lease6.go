package network

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
)

// lease6 is a DHCPv6 server's answer, as far as it makes sense.
type lease6 struct {
	Config
	server   dhcpv6.DUID
	identity *dhcpv6.OptIANA // what to send to extend it
	valid    time.Duration
	renew    time.Duration // T1 of RFC 8415, section 21.4
	rebind   time.Duration // T2
	got      time.Time
}

// newLease6 reads an answer. It is an error if there is no usable address in it:
// the server may have none left.
func newLease6(link string, m *dhcpv6.Message) (*lease6, error) {
	server := m.Options.ServerID()
	identity := m.Options.OneIANA()
	if server == nil || identity == nil {
		return nil, fmt.Errorf("the server names neither itself nor an address")
	}
	for _, offered := range identity.Options.Addresses() {
		a, ok := netip.AddrFromSlice(offered.IPv6Addr)
		if !ok || !usable6(a) || a.IsLinkLocalUnicast() || offered.ValidLifetime == 0 {
			continue
		}
		l := &lease6{server: server, got: time.Now(), valid: max(offered.ValidLifetime, shortestLease)}
		l.setTimes(identity.T1, identity.T2)
		l.identity = &dhcpv6.OptIANA{IaId: identity.IaId}
		l.identity.Options.Add(&dhcpv6.OptIAAddress{IPv6Addr: offered.IPv6Addr})
		l.Link = link
		// the advertised prefixes, not this address, say what is on the link
		l.Addresses = []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}
		l.DNS, l.Search = servers6(m), search6(m)
		l.Lifetime = l.valid
		l.Source = "DHCPv6"
		return l, nil
	}
	return nil, fmt.Errorf("the server offers no address that can be used")
}

// setTimes takes the server's times where their order makes sense.
func (l *lease6) setTimes(renew, rebind time.Duration) {
	l.renew, l.rebind = renew, rebind
	if renew < time.Second || renew >= rebind || rebind >= l.valid {
		l.renew, l.rebind = l.valid/2, l.valid/5*4
	}
}

// servers6 are the first three DNS servers that can be any.
func servers6(m *dhcpv6.Message) []netip.Addr {
	var servers []netip.Addr
	for _, ip := range m.Options.DNS() {
		a, ok := netip.AddrFromSlice(ip)
		if ok && usable6(a) && !a.IsLinkLocalUnicast() && len(servers) < 3 {
			servers = append(servers, a)
		}
	}
	return servers
}

func search6(m *dhcpv6.Message) []string {
	if labels := m.Options.DomainSearchList(); labels != nil {
		return domains(labels.Labels)
	}
	return nil
}
