package network

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// pingPayload is the usual number of bytes after the ICMP header.
const pingPayload = 56

// echo is an answer to an echo request.
type echo struct {
	from     net.IP
	sequence int
	bytes    int
	ttl      int
	took     time.Duration
	err      error // what a router reported instead of an answer
}

// pinger sends echo requests to one host (RFC 792, RFC 4443).
type pinger struct {
	target netip.Addr
	conn   *icmp.PacketConn
	id     int
	sent   map[int]time.Time // by sequence number, until answered
}

// newPinger opens a socket: a raw one, or for whoever may not the kernel's own
// echo socket (icmp(7)).
func newPinger(target netip.Addr) (*pinger, error) {
	raw, datagram, local := "ip4:icmp", "udp4", "0.0.0.0"
	if target.Is6() {
		raw, datagram, local = "ip6:ipv6-icmp", "udp6", "::"
	}
	p := &pinger{target: target, id: rand.IntN(1 << 16), sent: make(map[int]time.Time)}
	conn, err := icmp.ListenPacket(raw, local)
	if err != nil {
		if conn, err = icmp.ListenPacket(datagram, local); err != nil {
			return nil, err
		}
		p.id = conn.LocalAddr().(*net.UDPAddr).Port // the kernel writes it into each request
	}
	p.conn = conn
	if target.Is6() {
		err = conn.IPv6PacketConn().SetControlMessage(ipv6.FlagHopLimit, true)
	} else {
		err = conn.IPv4PacketConn().SetControlMessage(ipv4.FlagTTL, true)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return p, nil
}

// send sends a request.
func (p *pinger) send(sequence int) error {
	var kind icmp.Type = ipv4.ICMPTypeEcho
	if p.target.Is6() {
		kind = ipv6.ICMPTypeEchoRequest
	}
	m := icmp.Message{Type: kind, Body: &icmp.Echo{ID: p.id, Seq: sequence & 0xffff, Data: make([]byte, pingPayload)}}
	packet, err := m.Marshal(nil)
	if err != nil {
		return err
	}
	p.sent[sequence&0xffff] = time.Now()
	_, err = p.conn.WriteTo(packet, p.destination())
	return err
}

func (p *pinger) destination() net.Addr {
	if _, raw := p.conn.LocalAddr().(*net.IPAddr); raw {
		return &net.IPAddr{IP: p.target.AsSlice(), Zone: p.target.Zone()}
	}
	return &net.UDPAddr{IP: p.target.AsSlice(), Zone: p.target.Zone()}
}

// receive waits until the deadline for an answer to one of our requests, and
// returns nil, nil if none came.
func (p *pinger) receive(ctx context.Context, deadline time.Time) (*echo, error) {
	p.conn.SetReadDeadline(deadline)
	defer context.AfterFunc(ctx, func() { p.conn.SetReadDeadline(time.Unix(0, 1)) })()
	buffer := make([]byte, 1<<16)
	for ctx.Err() == nil {
		n, ttl, from, err := p.read(buffer)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if e := p.match(buffer[:n], ttl, from); e != nil {
			return e, nil
		}
	}
	return nil, nil
}

func (p *pinger) read(buffer []byte) (n, ttl int, from net.IP, err error) {
	var address net.Addr
	if p.target.Is6() {
		var control *ipv6.ControlMessage
		n, control, address, err = p.conn.IPv6PacketConn().ReadFrom(buffer)
		if control != nil {
			ttl = control.HopLimit
		}
	} else {
		var control *ipv4.ControlMessage
		n, control, address, err = p.conn.IPv4PacketConn().ReadFrom(buffer)
		if control != nil {
			ttl = control.TTL
		}
	}
	switch a := address.(type) {
	case *net.IPAddr:
		from = a.IP
	case *net.UDPAddr:
		from = a.IP
	}
	return n, ttl, from, err
}

// match returns what a message says about one of our requests, or nil if it is
// about something else.
func (p *pinger) match(b []byte, ttl int, from net.IP) *echo {
	protocol := 1
	if p.target.Is6() {
		protocol = 58
	}
	m, err := icmp.ParseMessage(protocol, b)
	if err != nil {
		return nil
	}
	e := &echo{from: from, bytes: len(b), ttl: ttl}
	var id int
	switch body := m.Body.(type) {
	case *icmp.Echo:
		if m.Type != ipv4.ICMPTypeEchoReply && m.Type != ipv6.ICMPTypeEchoReply {
			return nil
		}
		id, e.sequence = body.ID, body.Seq
	case *icmp.DstUnreach:
		id, e.sequence = quoted(body.Data, p.target.Is6())
		e.err = errors.New("Destination unreachable") // as ping(8) prints it
	case *icmp.TimeExceeded:
		id, e.sequence = quoted(body.Data, p.target.Is6())
		e.err = errors.New("Time to live exceeded")
	}
	start, ours := p.sent[e.sequence]
	if id != p.id || !ours {
		return nil
	}
	delete(p.sent, e.sequence)
	e.took = time.Since(start)
	return e
}

// quoted finds the identifier and the number of a request in what an error
// message quotes of it.
func quoted(b []byte, v6 bool) (id, sequence int) {
	const none = -1
	header := 40
	if !v6 {
		if len(b) < 20 {
			return none, none
		}
		header = int(b[0]&0xf) * 4
	}
	if len(b) < header+8 {
		return none, none
	}
	b = b[header:]
	return int(binary.BigEndian.Uint16(b[4:])), int(binary.BigEndian.Uint16(b[6:]))
}

// statistics are the round trips of one ping.
type statistics struct {
	sent, received int
	times          []time.Duration
}

func (s *statistics) add(took time.Duration) {
	s.received++
	s.times = append(s.times, took)
}

// String is the last line of ping(8): the extremes, the mean and the deviation
// of the times.
func (s *statistics) String() string {
	low, high := math.Inf(1), 0.0
	var sum, squares float64
	for _, t := range s.times {
		ms := t.Seconds() * 1000
		low, high = min(low, ms), max(high, ms)
		sum += ms
		squares += ms * ms
	}
	n := float64(len(s.times))
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean))
	return fmt.Sprintf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms", low, mean, high, deviation)
}
