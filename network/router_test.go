package network

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/net/ipv6"
)

// advertise is a router that lets some solicitations pass and answers all later ones
// with a DNS server's address.
func (p *peer) advertise(link string, lost int, server string) {
	p.t.Helper()
	var conn *ipv6.PacketConn
	everyone := &net.IPAddr{IP: net.IPv6linklocalallnodes}
	p.do(func() error {
		config := net.ListenConfig{Control: bindTo(link)}
		c, err := config.ListenPacket(context.Background(), "ip6:ipv6-icmp", "::")
		if err != nil {
			return err
		}
		conn = ipv6.NewPacketConn(c)
		outside, err := net.InterfaceByName(link)
		if err != nil {
			return err
		}
		everyone.Zone = strconv.Itoa(outside.Index)
		if err := conn.JoinGroup(outside, &net.IPAddr{IP: net.IPv6linklocalallrouters}); err != nil {
			return err
		}
		var filter ipv6.ICMPFilter
		filter.SetAll(true)
		filter.Accept(ipv6.ICMPTypeRouterSolicitation)
		if err := conn.SetICMPFilter(&filter); err != nil {
			return err
		}
		return conn.SetMulticastHopLimit(255)
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for heard := 0; ; heard++ {
			if _, _, _, err := conn.ReadFrom(make([]byte, 1500)); err != nil {
				return
			}
			p.solicited.Add(1)
			if heard >= lost {
				conn.WriteTo(advertisementOf(server), nil, everyone)
			}
		}
	}()
	p.t.Cleanup(func() {
		conn.Close()
		<-done
	})
}

// advertisementOf is a router advertisement that names a DNS server for an hour, and
// a router for none.
func advertisementOf(server string) []byte {
	message := make([]byte, 16, 40)
	message[0] = byte(ipv6.ICMPTypeRouterAdvertisement)
	message = append(message, optionServers, 3, 0, 0, 0, 0, 14, 16)
	return append(message, netip.MustParseAddr(server).AsSlice()...)
}
