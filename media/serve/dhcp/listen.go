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

// Listen opens the server's ports on a network interface: it hears nothing that comes by another.
func Listen(link string) (conns map[int]net.PacketConn, err error) {
	conns = make(map[int]net.PacketConn)
	for _, port := range []int{serverPort, binlPort} {
		listening := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
			controlled := c.Control(func(fd uintptr) {
				err = errors.Join(unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, link),
					unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BROADCAST, 1))
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
		if n < hardwareEnd || !rates.allow(string(buffer[hardwareAt:hardwareEnd])) {
			continue
		}
		address := from.(*net.UDPAddr)
		answer, to := s.Answer(buffer[:n], address, port)
		if answer == nil {
			continue
		}
		if _, err := conn.WriteTo(answer, to); err != nil && odd.tell() {
			s.Log(fmt.Sprintf("DHCP: answer to %s: %v", to, err))
		}
	}
}

// Where a packet has the client's hardware address (RFC 2131, section 2).
const hardwareAt, hardwareEnd = 28, 28 + 6

// rates are how often each client asked in a second.
type rates struct {
	second int64
	asked  map[string]int
}

// mostAnswers is how many answers a client gets in a second. Firmware repeats itself after one second or more; and an
// answer, which is a broadcast, costs each host of the network more than the question cost the one that asked.
const mostAnswers = 10

// allow tells whether a client is answered.
func (r *rates) allow(client string) bool {
	if now := time.Now().Unix(); now != r.second {
		r.second, r.asked = now, make(map[string]int)
	}
	r.asked[client]++
	return r.asked[client] <= mostAnswers
}

// oddities are told once a second at most: whoever sends odd packets cannot fill the log.
type oddities struct{ last atomic.Int64 }

func (o *oddities) tell() bool {
	now := time.Now().Unix()
	return o.last.Swap(now) != now
}
