// Package dhcpserver is DHCPv4 servers as they are in the field, for tests and for the bench.
package dhcpserver

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"
)

// Request is a client's message as it came.
type Request struct {
	*dhcpv4.DHCPv4
	Before    int           // how many messages of that type came before
	Renewal   bool          // it is about an address that the client has
	Broadcast bool          // it came to all
	Running   time.Duration // since the server's start
}

// Kind is the request's type.
func (r Request) Kind() dhcpv4.MessageType { return r.MessageType() }

// Reply is a message to the client.
type Reply struct {
	Message []byte
	From    netip.Addr    // the zero one: Address
	After   time.Duration // after the request came
	Unicast bool          // to the client's hardware address, not to all
}

// Answer is how the servers of a network behave. It is called for one request after the other.
type Answer func(Request) []Reply

// Running is a network's servers while they run.
type Running struct {
	conn   net.PacketConn
	answer Answer
	begin  time.Time
	ended  chan struct{} // closed when no request is read any more

	mu       sync.Mutex
	requests []Request
}

// Run serves on an interface of this network namespace until it is closed.
func Run(link string, answer Answer) (*Running, error) {
	device, err := net.InterfaceByName(link)
	if err != nil {
		return nil, err
	}
	conn, err := packet.Listen(device, packet.Datagram, unix.ETH_P_IP, nil)
	if err != nil {
		return nil, err
	}
	r := &Running{conn: conn, answer: answer, begin: time.Now(), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.serve()
	}()
	return r, nil
}

// Close ends the servers: what is asked from now on is not answered any more.
func (r *Running) Close() {
	r.conn.Close()
	<-r.ended
}

func (r *Running) serve() {
	buffer := make([]byte, 4096)
	for {
		n, _, err := r.conn.ReadFrom(buffer)
		if errors.Is(err, unix.ENETDOWN) { // the cable comes later
			continue
		}
		if err != nil {
			return
		}
		payload, to, ok := datagram(buffer[:n])
		if !ok {
			continue
		}
		m, err := dhcpv4.FromBytes(payload)
		if err != nil || m.OpCode != dhcpv4.OpcodeBootRequest {
			continue
		}
		request := Request{DHCPv4: m, Running: time.Since(r.begin), Renewal: !m.ClientIPAddr.IsUnspecified(), Broadcast: to.Equal(net.IPv4bcast)}
		r.mu.Lock()
		for _, former := range r.requests {
			if former.Kind() == request.Kind() {
				request.Before++
			}
		}
		r.requests = append(r.requests, request)
		r.mu.Unlock()
		for _, reply := range r.answer(request) {
			if reply.After == 0 { // in this order
				r.send(m.ClientHWAddr, reply)
				continue
			}
			time.AfterFunc(reply.After, func() { r.send(m.ClientHWAddr, reply) })
		}
	}
}

// datagram is the content of a packet for a DHCP server, and the address that it was sent to.
func datagram(packet []byte) (payload []byte, to net.IP, ok bool) {
	const shortest, udp, udpHeader = 20, 17, 8
	if len(packet) < shortest {
		return nil, nil, false
	}
	header := int(packet[0]&0xf) * 4
	if packet[9] != udp || len(packet) < header+udpHeader || binary.BigEndian.Uint16(packet[header+2:]) != nclient4.ServerPort {
		return nil, nil, false
	}
	return packet[header+udpHeader:], net.IP(slices.Clone(packet[16:20])), true
}

// send sends a reply with its source address.
func (r *Running) send(client net.HardwareAddr, reply Reply) {
	from := reply.From
	if !from.IsValid() {
		from = Address
	}
	conn := r.conn
	if reply.Unicast {
		conn = unicast{conn, client}
	}
	to := &net.UDPAddr{IP: net.IPv4bcast, Port: nclient4.ClientPort}
	nclient4.NewBroadcastUDPConn(conn, &net.UDPAddr{IP: from.AsSlice(), Port: nclient4.ServerPort}).WriteTo(reply.Message, to)
}

// unicast sends frames to one hardware address, whatever the library says.
type unicast struct {
	net.PacketConn
	to net.HardwareAddr
}

func (u unicast) WriteTo(b []byte, _ net.Addr) (int, error) {
	return u.PacketConn.WriteTo(b, &packet.Addr{HardwareAddr: u.to})
}

// Requests are those that came so far.
func (r *Running) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}
