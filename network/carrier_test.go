package network

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/vishvananda/netlink"
)

// isReboot tells whether a request is that of a client that asks for an address which it had before.
func isReboot(m *dhcpv4.DHCPv4) bool {
	return m.MessageType() == dhcpv4.MessageTypeRequest && m.ClientIPAddr.IsUnspecified() && m.ServerIdentifier() == nil
}

// When a cable is put in again, the lease is asked for anew: the network may be another.
func TestCableIsPutBack(t *testing.T) {
	router := dhcpv4.OptRouter(net.IPv4(10, 77, 0, 1))
	for name, test := range map[string]struct {
		answer  func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 // to the question for the old address
		want    string
		warning string
	}{
		"to the same network": {func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
			return grant(r, "10.77.0.50", dhcpv4.OptDNS(net.IPv4(10, 77, 0, 4)), router)
		}, "10.77.0.50/24", ""},
		"to another network":              {refuse, "10.77.0.60/24", "eth0: lease of 10.77.0.50 lost: the server refused the address\n"},
		"to where nobody knows of leases": {nil, "10.77.0.60/24", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			link := p.cable("eth0", "10.77.0.1/24")
			asked := false
			server := p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
				asked = asked || isReboot(r)
				switch {
				case isReboot(r) && test.answer == nil:
					return nil
				case isReboot(r):
					return test.answer(r)
				case asked:
					return grant(r, "10.77.0.60", dhcpv4.OptDNS(net.IPv4(10, 77, 0, 4)), router)
				}
				return grant(r, "10.77.0.50", dhcpv4.OptDNS(net.IPv4(10, 77, 0, 3)), router)
			})
			m, warnings := newManager(t)
			if m.times.reboot = patience; test.answer == nil {
				m.times.reboot = 300 * time.Millisecond
			}
			_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
			check(t, err)
			p.replug(link, "the question for the old address", func() bool { return server.count(isReboot) > 0 })
			eventually(t, "the new DNS server", func() bool { return resolvText(t, m) == "nameserver 10.77.0.4\n" })
			if got := addresses(t, link); got != test.want || !slices.Contains(routes(t, link, netlink.FAMILY_V4), "0.0.0.0/0 via 10.77.0.1") {
				t.Errorf("addresses %s, routes %q, want %s and the router", got, routes(t, link, netlink.FAMILY_V4), test.want)
			}
			if got := warnings(); !strings.HasPrefix(got+test.warning, test.warning) {
				t.Errorf("warnings %q, want %q", got, test.warning)
			}
		})
	}
}

// replug takes a cable out, for as long as it takes the kernel to tell everybody, and puts it in again, until that
// has its effect: who follows the link may not have begun to.
func (p *peer) replug(link netlink.Link, what string, effect func() bool) {
	p.t.Helper()
	eventually(p.t, what, func() bool {
		p.unplugSeen(link)
		p.plug(link.Attrs().Name)
		for range 50 {
			if effect() {
				return true
			}
			time.Sleep(20 * time.Millisecond)
		}
		return false
	})
}

// unplugSeen takes a cable out for as long as it takes the kernel to tell everybody.
func (p *peer) unplugSeen(link netlink.Link) {
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	links := watchLinks(ctx)
	p.unplug(link.Attrs().Name)
	for u := range links {
		if sameLink(u.Link, link) && !hasCarrier(u.Link) {
			return
		}
	}
}

// A server that extends a lease may give another address, in the same subnet or elsewhere.
func TestAddressChanges(t *testing.T) {
	for address, router := range map[string]net.IP{"10.77.0.60": net.IPv4(10, 77, 0, 1), "10.78.0.60": net.IPv4(10, 78, 0, 1)} {
		t.Run(address, func(t *testing.T) {
			p := newPeer(t)
			link := p.cable("eth0", "10.77.0.1/24")
			p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
				if isRenewal(r) {
					return grant(r, address, dhcpv4.OptRouter(router))
				}
				return grant(r, "10.77.0.50", append(lasting(1, 1800, 3600), dhcpv4.OptRouter(net.IPv4(10, 77, 0, 1)))...)
			})
			m, _ := newManager(t)
			_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
			check(t, err)
			eventually(t, "the new address alone, and its router", func() bool {
				return addresses(t, link) == address+"/24" && slices.Contains(routes(t, link, netlink.FAMILY_V4), "0.0.0.0/0 via "+router.String())
			})
		})
	}
}

// An address of DHCPv6 is asked for anew, too, and routers are asked to advertise themselves.
func TestCableIsPutBackIPv6(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64")
	m, warnings := newManager(t)
	p.advertise("eth0", 0, "2001:db8:1::56")
	server := p.serve6("eth0", "2001:db8:1::50", 1800, 3600)
	check(t, setUp(link))
	m.followIPv6(link, 0)
	m.keep("eth0 DHCPv6", client6{m, link}.keep)
	eventually(t, "an address", func() bool { return addresses(t, link) == "2001:db8:1::50/128" })
	eventually(t, "a DNS server", func() bool { return resolvText(t, m) == "nameserver 2001:db8:1::56\n" })
	p.replug(link, "both questions again", func() bool { return server.rebindings.Load() > 0 && p.solicited.Load() > 1 })
	if got := addresses(t, link); got != "2001:db8:1::50/128" {
		t.Errorf("addresses: %s", got)
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
}
