package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bootrc/test/dhcpserver"
)

// fakeServer is a DHCP server whose answers a test chooses.
type fakeServer struct {
	mu       sync.Mutex
	requests []*dhcpv4.DHCPv4
	from     []string // the addresses that they came from
}

// serve answers what arrives on the peer's end of a cable with what answer makes
// of it, or not at all where that is nil.
func (p *peer) serve(link string, answer func(request *dhcpv4.DHCPv4) *dhcpv4.DHCPv4) *fakeServer {
	p.t.Helper()
	var conn net.PacketConn
	p.do(func() (err error) {
		conn, err = nclient4.NewRawUDPConn(link, nclient4.ServerPort)
		return err
	})
	s := &fakeServer{}
	done := make(chan struct{})
	p.t.Cleanup(func() {
		conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if errors.Is(err, unix.ENETDOWN) { // the cable is out
				continue
			}
			if err != nil {
				return
			}
			request, err := dhcpv4.FromBytes(buffer[:n])
			if err != nil {
				continue
			}
			s.mu.Lock()
			s.requests = append(s.requests, request)
			s.from = append(s.from, from.(*net.UDPAddr).IP.String())
			s.mu.Unlock()
			if reply := answer(request); reply != nil {
				conn.WriteTo(reply.ToBytes(), &net.UDPAddr{IP: net.IPv4bcast, Port: nclient4.ClientPort})
			}
		}
	}()
	return s
}

// count is how many requests came that fit.
func (s *fakeServer) count(fits func(*dhcpv4.DHCPv4) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if fits(r) {
			n++
		}
	}
	return n
}

// renewalFrom tells whether a request to extend a lease came from an address.
func (s *fakeServer) renewalFrom(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.requests {
		if isRenewal(r) && s.from[i] == address {
			return true
		}
	}
	return false
}

// grant offers or acknowledges an address with more options.
func grant(request *dhcpv4.DHCPv4, address string, options ...dhcpv4.Option) *dhcpv4.DHCPv4 {
	kind := dhcpv4.MessageTypeAck
	if request.MessageType() == dhcpv4.MessageTypeDiscover {
		kind = dhcpv4.MessageTypeOffer
	}
	reply, _ := dhcpv4.NewReplyFromRequest(request,
		dhcpv4.WithMessageType(kind),
		dhcpv4.WithYourIP(net.ParseIP(address)),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 77, 0, 1))),
		dhcpv4.WithNetmask(net.CIDRMask(24, 32)))
	for _, o := range options {
		reply.UpdateOption(o)
	}
	return reply
}

func refuse(request *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	reply := grant(request, "0.0.0.0")
	reply.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeNak))
	return reply
}

func isRenewal(m *dhcpv4.DHCPv4) bool {
	return m.MessageType() == dhcpv4.MessageTypeRequest && !m.ClientIPAddr.IsUnspecified()
}

// lasting returns the options of a lease: seconds until it is to be extended by its server, by
// any server, and until it ends.
func lasting(renew, rebind, length time.Duration) []dhcpv4.Option {
	return []dhcpv4.Option{
		dhcpv4.OptRenewTimeValue(renew * time.Second), dhcpv4.OptRebindingTimeValue(rebind * time.Second),
		dhcpv4.OptIPAddressLeaseTime(length * time.Second),
	}
}

// A lease is extended again and again, with what the server changed in it.
func TestLeaseIsRenewed(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	server := p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		options := lasting(1, 1800, 3600)
		if isRenewal(r) {
			options = append(options, dhcpv4.OptRouter(net.IPv4(10, 77, 0, 2)), dhcpv4.OptDNS(net.IPv4(10, 77, 0, 4)))
		} else {
			options = append(options, dhcpv4.OptRouter(net.IPv4(10, 77, 0, 1)), dhcpv4.OptDNS(net.IPv4(10, 77, 0, 3)))
		}
		return grant(r, "10.77.0.50", options...)
	})
	m, warnings := newManager(t)
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)

	eventually(t, "three renewals", func() bool { return server.count(isRenewal) >= 3 })
	eventually(t, "the new gateway alone", func() bool {
		all := routes(t, link, netlink.FAMILY_V4)
		return slices.Contains(all, "0.0.0.0/0 via 10.77.0.2") && !slices.Contains(all, "0.0.0.0/0 via 10.77.0.1")
	})
	eventually(t, "the new DNS server", func() bool { return resolvText(t, m) == "nameserver 10.77.0.4\n" })
	if got := addresses(t, link); got != "10.77.0.50/24" {
		t.Errorf("addresses: %s", got)
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
	if !server.renewalFrom("10.77.0.50") {
		t.Error("no renewal by unicast")
	}
}

// A server that refuses to extend a lease ends it at once, and another is got.
func TestLeaseIsRefused(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	var mu sync.Mutex
	address := "10.77.0.50"
	p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		mu.Lock()
		defer mu.Unlock()
		if isRenewal(r) && address == "10.77.0.50" {
			address = "10.77.0.60"
			return refuse(r)
		}
		return grant(r, address, lasting(1, 1800, 3600)...)
	})
	m, warnings := newManager(t)
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)

	eventually(t, "the new address", func() bool { return addresses(t, link) == "10.77.0.60/24" })
	if got, want := warnings(), "eth0: lease of 10.77.0.50 lost: the server refused the address\n"; got != want {
		t.Errorf("warnings %q, want %q", got, want)
	}
}

// A server that falls silent is asked directly, then everybody is.
func TestSilentServer(t *testing.T) {
	for _, c := range []struct {
		rebind time.Duration
		from   string // what the requests come from: an address of our own is that of a socket bound to one server
	}{{1800, "10.77.0.50"}, {2, "0.0.0.0"}} {
		t.Run(c.from, func(t *testing.T) {
			_, _, server, _ := leased(t, lasting(1, c.rebind, 3600))
			eventually(t, "a request from "+c.from, func() bool { return server.renewalFrom(c.from) })
		})
	}
}

// At the end of the lease the address is gone.
func TestLeaseExpires(t *testing.T) {
	m, link, _, warnings := leased(t, lasting(0, 0, 2))
	eventually(t, "the end of the address", func() bool { return addresses(t, link) == "" })
	eventually(t, "the end of the DNS server", func() bool { return resolvText(t, m) == "" })
	eventually(t, "a warning", func() bool {
		return warnings() == "eth0: lease of 10.77.0.50 lost: no server extended it in time\n"
	})
}

// leased has got a lease with these options from a server that fell silent then.
func leased(t *testing.T, options []dhcpv4.Option) (m *Manager, link netlink.Link, server *fakeServer, warnings func() string) {
	t.Helper()
	p := newPeer(t)
	link = p.cable("eth0", "10.77.0.1/24")
	bound := false
	server = p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		if bound {
			return nil
		}
		bound = r.MessageType() == dhcpv4.MessageTypeRequest
		return grant(r, "10.77.0.50", append(options, dhcpv4.OptDNS(net.IPv4(10, 77, 0, 3)))...)
	})
	m, warnings = newManager(t)
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)
	return m, link, server, warnings
}

// An offer that cannot be meant is passed over for the next server's.
func TestBadOfferIsPassedOver(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	tries := 0
	p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		if tries++; tries == 1 {
			return grant(r, "255.255.255.255")
		}
		return grant(r, "10.77.0.50")
	})
	m, _ := newManager(t)
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)
	if got := addresses(t, link); got != "10.77.0.50/24" {
		t.Errorf("addresses: %s", got)
	}
}

// A server that refuses what it offered is asked anew, not in a tight loop.
func TestRefusedOffer(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	server := p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		if r.MessageType() == dhcpv4.MessageTypeRequest {
			return refuse(r)
		}
		return grant(r, "10.77.0.50")
	})
	m, _ := newManager(t)
	begin := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	result := start(func() (*Config, error) { return m.DHCP(ctx, []string{"eth0"}, patience) })
	all := func(*dhcpv4.DHCPv4) bool { return true }
	eventually(t, "the third round", func() bool { return server.count(all) >= 6 })
	// each round ends with a pause of half a second
	if took := time.Since(begin); took < time.Second {
		t.Errorf("three rounds in %v", took)
	}
	cancel()
	if _, err := result(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A server that acknowledges only after we have begun anew is heard.
func TestLateAcknowledgement(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	var asked *dhcpv4.DHCPv4
	p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		switch {
		case r.MessageType() == dhcpv4.MessageTypeRequest:
			asked = r
			return nil
		case asked != nil:
			return grant(asked, "10.77.0.50")
		}
		return grant(r, "10.77.0.50")
	})
	m, _ := newManager(t)
	m.times.ack = 50 * time.Millisecond
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)
	if got := addresses(t, link); got != "10.77.0.50/24" {
		t.Errorf("addresses: %s", got)
	}
}

// A server that offers and then says nothing is passed over for another, although it is quicker.
func TestSilentAfterOffer(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	for _, kind := range dhcpserver.Kinds {
		if kind.Name == "a quicker server that never acknowledges" {
			p.answer(t, kind)
		}
	}
	m, _ := newManager(t)
	m.times.ack = 50 * time.Millisecond
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)
	if got := addresses(t, link); got != "10.77.0.50/24" {
		t.Errorf("addresses: %s", got)
	}
}

// Providers of single addresses name a gateway outside of the subnet.
func TestGatewayOutsideSubnet(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		return grant(r, "10.88.0.50", dhcpv4.OptSubnetMask(net.CIDRMask(32, 32)), dhcpv4.OptRouter(net.IPv4(10, 77, 0, 1)))
	})
	m, _ := newManager(t)
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)
	all := routes(t, link, netlink.FAMILY_V4)
	for _, want := range []string{"10.77.0.1/32", "0.0.0.0/0 via 10.77.0.1"} {
		if !slices.Contains(all, want) {
			t.Errorf("routes %q: without %s", all, want)
		}
	}
	if err := addRoute(link, Route{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("10.77.0.1")}); err != nil {
		t.Errorf("the same route again: %v", err)
	}
}

// A route that the kernel refuses costs a warning, and nothing else.
func TestBadRouteIsPassedOver(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		return grant(r, "10.77.0.50", raw(dhcpv4.OptionClasslessStaticRoute, 8, 11, 10, 77, 0, 255, 0, 10, 77, 0, 1))
	})
	m, warnings := newManager(t)
	_, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
	check(t, err)
	if got := routes(t, link, netlink.FAMILY_V4); !slices.Contains(got, "0.0.0.0/0 via 10.77.0.1") {
		t.Errorf("routes %q", got)
	}
	if got, want := warnings(), "add route to 11.0.0.0/8 by 10.77.0.255 on eth0: invalid argument\n"; got != want {
		t.Errorf("warnings %q, want %q", got, want)
	}
}
