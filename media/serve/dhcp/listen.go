package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waiting is how many bytes of questions, and of answers, may wait: those to hosts that are not there do for three
// seconds, and where no more can wait, all other answers do. It holds what mostAnswers leaves of hundreds of senders.
const waiting = 16 << 20

// Listen opens the server's ports on a network interface: it hears nothing that comes by another.
func Listen(link string) (conns map[int]net.PacketConn, err error) {
	conns = make(map[int]net.PacketConn)
	for _, port := range []int{serverPort, binlPort} {
		listening := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
			controlled := c.Control(func(fd uintptr) {
				err = errors.Join(unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, link),
					unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BROADCAST, 1),
					unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, waiting),
					unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, waiting))
			})
			return errors.Join(controlled, err)
		}}
		conn, err := listening.ListenPacket(context.Background(), "udp4", fmt.Sprintf("0.0.0.0:%d", port))
		if err != nil {
			for _, opened := range conns {
				opened.Close()
			}
			return nil, err
		}
		conns[port] = conn
	}
	return conns, nil
}

// Serve answers what comes to a port until its connection is closed.
func (s *Server) Serve(conn net.PacketConn, port int) error {
	buffer := make([]byte, 64<<10)
	var odd oddities
	var rates rates
	for {
		n, from, err := conn.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil { // the cable is out, for one
			s.Log(fmt.Sprintf("DHCP: port %d: %v", port, err))
			time.Sleep(time.Second)
			continue
		}
		address := from.(*net.UDPAddr)
		if n < hardwareEnd || !rates.allow(sender(buffer[:n], address)) {
			continue
		}
		answer, to := s.Answer(buffer[:n], address, port)
		if answer == nil {
			continue
		}
		if _, err := conn.WriteTo(answer, to); err != nil && odd.tell() {
			s.Log(fmt.Sprintf("DHCP: answer to %s: %v", to, err))
		}
	}
}

// Where a packet has its relay's address and the client's hardware address (RFC 2131, section 2).
const relayAt, relayEnd, hardwareAt, hardwareEnd = 24, 24 + 4, 28, 28 + 6

// sender is who sent a packet, and how many answers it gets in a second. A host that has an address is one sender,
// whatever hardware addresses it writes.
func sender(packet []byte, from *net.UDPAddr) (name string, most int) {
	switch {
	case from.IP.IsUnspecified():
		return string(packet[hardwareAt:hardwareEnd]), mostAnswers
	case !net.IP(packet[relayAt:relayEnd]).IsUnspecified():
		return from.IP.String(), mostRelayed
	}
	return from.IP.String(), mostAnswers
}

// Firmware repeats itself after one second or more; and an answer, which is a broadcast, costs each host of the network
// more than the question cost the one that asked. A relay asks for many, and is answered alone.
const mostAnswers, mostRelayed = 10, 200

// rates are how often each sender asked in a second.
type rates struct {
	second int64
	asked  map[string]int
}

// allow tells whether a sender is answered.
func (r *rates) allow(sender string, most int) bool {
	if now := time.Now().Unix(); now != r.second {
		r.second, r.asked = now, make(map[string]int)
	}
	r.asked[sender]++
	return r.asked[sender] <= most
}

// oddities are told once a second at most: whoever sends odd packets cannot fill the log.
type oddities struct{ last atomic.Int64 }

func (o *oddities) tell() bool {
	now := time.Now().Unix()
	return o.last.Swap(now) != now
}
