package network

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/dhcpv6/server6"
)

// fakeServer6 is a DHCPv6 server that grants one address for some seconds.
type fakeServer6 struct {
	address      string
	renew, valid time.Duration // the former 0: whenever the client likes

	granted, renewals, rebindings atomic.Int32
	silent                        atomic.Bool
}

func (p *peer) serve6(link, address string, renew, valid time.Duration) *fakeServer6 {
	p.t.Helper()
	s := &fakeServer6{address: address, renew: renew * time.Second, valid: valid * time.Second}
	var server *server6.Server
	p.do(func() (err error) {
		server, err = server6.NewServer(link, nil, func(conn net.PacketConn, from net.Addr, m dhcpv6.DHCPv6) {
			if reply := s.answer(m); reply != nil {
				conn.WriteTo(reply.ToBytes(), from)
			}
		})
		return err
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve()
	}()
	p.t.Cleanup(func() {
		server.Close()
		<-done
	})
	return s
}

func (s *fakeServer6) answer(m dhcpv6.DHCPv6) dhcpv6.DHCPv6 {
	request, err := m.GetInnerMessage()
	if err != nil || s.silent.Load() {
		return nil
	}
	if request.MessageType == dhcpv6.MessageTypeRenew {
		s.renewals.Add(1)
	}
	if request.MessageType == dhcpv6.MessageTypeRebind {
		s.rebindings.Add(1)
	}
	reply, err := dhcpv6.NewReplyFromMessage(request,
		dhcpv6.WithServerID(&dhcpv6.DUIDLL{LinkLayerAddr: net.HardwareAddr{2, 0, 0, 0, 0, 1}}),
		dhcpv6.WithIAID(request.Options.OneIANA().IaId),
		dhcpv6.WithIANA(dhcpv6.OptIAAddress{IPv6Addr: net.ParseIP(s.address), PreferredLifetime: s.valid, ValidLifetime: s.valid}))
	if err != nil {
		return nil
	}
	identity := reply.Options.OneIANA()
	identity.T1, identity.T2 = s.renew, s.valid/2
	s.granted.Add(1)
	return reply
}

// serveLater grants one address for an hour to whoever asks from now on.
func (p *peer) serveLater(link, address string) {
	p.serve(link, func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 { return grant(r, address) })
}
