package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"bootrc/kit/kconfig"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/mdlayher/packet"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// socket4 sends messages of one interface to one server or to all, and takes the answers.
type socket4 struct {
	net.PacketConn
	to       *net.UDPAddr
	hardware net.HardwareAddr
	buffer   []byte
}

// broadcast4 is a packet socket, which works without an address.
func broadcast4(link netlink.Link) (*socket4, error) {
	attrs := link.Attrs()
	device := &net.Interface{Index: attrs.Index, Name: attrs.Name, HardwareAddr: attrs.HardwareAddr}
	conn, err := packet.Listen(device, packet.Datagram, unix.ETH_P_IP, nil)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		err = kconfig.LacksModule("packet sockets, which DHCP needs", "PACKET")
	}
	if err != nil {
		return nil, err
	}
	local := &net.UDPAddr{Port: nclient4.ClientPort}
	all := &net.UDPAddr{IP: net.IPv4bcast, Port: nclient4.ServerPort}
	return newSocket4(nclient4.NewBroadcastUDPConn(conn, local), all, attrs), nil
}

// unicast4 is an ordinary socket. It is bound to no address, because servers
// broadcast a refusal (RFC 2131, section 4.3.2).
func unicast4(link netlink.Link, to netip.Addr) (*socket4, error) {
	config := net.ListenConfig{Control: bindTo(link.Attrs().Name)}
	local := netip.AddrPortFrom(netip.IPv4Unspecified(), nclient4.ClientPort)
	conn, err := config.ListenPacket(context.Background(), "udp4", local.String())
	if err != nil {
		return nil, err
	}
	server := net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, nclient4.ServerPort))
	return newSocket4(conn, server, link.Attrs()), nil
}

func newSocket4(conn net.PacketConn, to *net.UDPAddr, attrs *netlink.LinkAttrs) *socket4 {
	return &socket4{PacketConn: conn, to: to, hardware: attrs.HardwareAddr, buffer: make([]byte, max(1500, attrs.MTU))}
}

// ask sends the n-th message that it is given, from 0, and the next after each pause, until an
// answer matches. All are one transaction, so that an answer that took longer than a pause
// counts, too.
func (s *socket4) ask(ctx context.Context, message func(n int) *message4, pauses schedule, match func(*message4) bool) (*message4, error) {
	defer context.AfterFunc(ctx, func() { s.SetReadDeadline(time.Unix(1, 0)) })()
	start := time.Now()
	for n := 0; ; n++ {
		m := message(n)
		m.seconds = uint16(min(time.Since(start)/time.Second, 0xffff))
		if _, err := s.WriteTo(m.bytes(), s.to); err != nil {
			return nil, err
		}
		s.SetReadDeadline(time.Now().Add(pauses(n)))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		answer, err := s.await(m.transaction, match)
		switch {
		case err == nil:
			return answer, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return nil, err
		}
	}
}

// await returns the first answer of a transaction that matches.
func (s *socket4) await(transaction uint32, match func(*message4) bool) (*message4, error) {
	for {
		n, from, err := s.ReadFrom(s.buffer)
		if err != nil {
			return nil, err
		}
		m, err := parseMessage4(s.buffer[:n])
		if err != nil || !m.reply || m.transaction != transaction || !s.isOurs(m.hardware) {
			continue
		}
		if udp, ok := from.(*net.UDPAddr); ok {
			m.from = udp.AddrPort().Addr().Unmap()
		}
		if match(m) {
			return m, nil
		}
	}
}

// isOurs tells whether an answer is for this interface. Some servers leave its address out.
func (s *socket4) isOurs(hardware net.HardwareAddr) bool {
	return len(hardware) == 0 || hardware.String() == s.hardware.String()
}

// bindTo makes a socket see one interface only.
func bindTo(link string) func(network, address string, conn syscall.RawConn) error {
	return func(_, _ string, conn syscall.RawConn) error {
		var bindErr error
		err := conn.Control(func(fd uintptr) { bindErr = unix.BindToDevice(int(fd), link) })
		return errors.Join(err, bindErr)
	}
}
