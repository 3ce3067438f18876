package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/mdlayher/packet"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// client4 asks for IPv4 addresses on one interface (RFC 2131, section 4.4).
type client4 struct {
	link netlink.Link
}

// errRefused is a server's DHCPNAK.
var errRefused = errors.New("the server refused the address")

// discover gets a lease from whichever server answers first. It goes on asking,
// in the given pauses, until ctx is done; before that it returns only when
// packets cannot be sent.
func (c client4) discover(ctx context.Context, pauses schedule) (*lease, error) {
	client, err := c.broadcast()
	if err != nil {
		return nil, fmt.Errorf("listen for DHCP: %w", err)
	}
	// closing a packet socket waits for all CPUs: nobody else should
	defer func() { go client.Close() }()

	for {
		offer, err := c.offer(ctx, client, pauses)
		if err != nil {
			return nil, err
		}
		l, err := c.accept(ctx, client, offer)
		if err == nil || ctx.Err() != nil {
			return l, err
		}
		sleep(ctx, pauses(1)) // a server that refuses or fell silent: not in a tight loop
	}
}

// offer broadcasts a DHCPDISCOVER until an offer comes that can be used.
func (c client4) offer(ctx context.Context, client *nclient4.Client, pauses schedule) (*dhcpv4.DHCPv4, error) {
	m, err := dhcpv4.NewDiscovery(client.InterfaceAddr(), c.options()...)
	if err != nil {
		return nil, err
	}
	return ask(ctx, client, m, pauses, func(answer *dhcpv4.DHCPv4) bool {
		_, err := newLease(c.name(), answer)
		return answer.MessageType() == dhcpv4.MessageTypeOffer && err == nil
	})
}

// accept asks for what a server offered, four times within some seconds.
func (c client4) accept(ctx context.Context, client *nclient4.Client, offer *dhcpv4.DHCPv4) (*lease, error) {
	const patience = 4 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := dhcpv4.NewRequestFromOffer(offer, c.options()...)
	if err != nil {
		return nil, err
	}
	return c.conclude(ctx, client, m, eager)
}

// extend asks for more time: the lease's own server in RENEWING, any server in
// REBINDING (RFC 2131, section 4.4.5).
func (c client4) extend(ctx context.Context, l *lease, rebinding bool, pauses schedule) (*lease, error) {
	m, err := dhcpv4.NewRenewFromAck(l.answer, append(c.options(), freshTransaction)...)
	if err != nil {
		return nil, err
	}
	open := func() (*nclient4.Client, error) { return c.unicast(l.server) }
	if rebinding {
		open = c.broadcast
	}
	client, err := open()
	if err != nil {
		return nil, fmt.Errorf("listen for DHCP: %w", err)
	}
	defer client.Close()
	return c.conclude(ctx, client, m, pauses)
}

// conclude sends a request until it is granted or refused.
func (c client4) conclude(ctx context.Context, client *nclient4.Client, m *dhcpv4.DHCPv4, pauses schedule) (*lease, error) {
	var granted *lease
	_, err := ask(ctx, client, m, pauses, func(answer *dhcpv4.DHCPv4) bool {
		switch answer.MessageType() {
		case dhcpv4.MessageTypeNak:
			return true
		case dhcpv4.MessageTypeAck:
			l, err := newLease(c.name(), answer)
			granted = l
			return err == nil
		}
		return false
	})
	if err == nil && granted == nil {
		err = errRefused
	}
	if err != nil {
		return nil, err
	}
	return granted, nil
}

// broadcast is a packet socket, which works without an address.
func (c client4) broadcast() (*nclient4.Client, error) {
	attrs := c.link.Attrs()
	device := &net.Interface{Index: attrs.Index, Name: attrs.Name, HardwareAddr: attrs.HardwareAddr}
	conn, err := packet.Listen(device, packet.Datagram, unix.ETH_P_IP, nil)
	if err != nil {
		return nil, err
	}
	local := &net.UDPAddr{Port: nclient4.ClientPort}
	return nclient4.NewWithConn(nclient4.NewBroadcastUDPConn(conn, local), attrs.HardwareAddr, patient()...)
}

// unicast is an ordinary socket. It is bound to no address, because servers
// broadcast a refusal (RFC 2131, section 4.3.2).
func (c client4) unicast(to netip.Addr) (*nclient4.Client, error) {
	config := net.ListenConfig{Control: bindTo(c.name())}
	local := netip.AddrPortFrom(netip.IPv4Unspecified(), nclient4.ClientPort)
	conn, err := config.ListenPacket(context.Background(), "udp4", local.String())
	if err != nil {
		return nil, err
	}
	server := net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, nclient4.ServerPort))
	return nclient4.NewWithConn(conn, c.link.Attrs().HardwareAddr, append(patient(), nclient4.WithServerAddr(server))...)
}

func (c client4) name() string { return c.link.Attrs().Name }

// options go into every message. The identifier is the hardware address, as
// network cards' own boot code sends it, so that the machine keeps the address it
// was booted with.
func (c client4) options() []dhcpv4.Modifier {
	const ethernet = 1
	return []dhcpv4.Modifier{
		dhcpv4.WithOption(dhcpv4.OptMaxMessageSize(nclient4.MaxMessageSize)),
		dhcpv4.WithOption(dhcpv4.OptClientIdentifier(append([]byte{ethernet}, c.link.Attrs().HardwareAddr...))),
		dhcpv4.WithRequestedOptions(
			dhcpv4.OptionSubnetMask, dhcpv4.OptionClasslessStaticRoute, dhcpv4.OptionRouter,
			dhcpv4.OptionDomainNameServer, dhcpv4.OptionHostName, dhcpv4.OptionDomainName,
			dhcpv4.OptionInterfaceMTU, dhcpv4.OptionDNSDomainSearchList,
		),
	}
}

func freshTransaction(m *dhcpv4.DHCPv4) {
	if id, err := dhcpv4.GenerateTransactionID(); err == nil {
		m.TransactionID = id
	}
}

// patient leaves all waiting and repeating to ask.
func patient() []nclient4.ClientOpt {
	return []nclient4.ClientOpt{nclient4.WithTimeout(365 * 24 * time.Hour), nclient4.WithRetry(1)}
}

// ask sends a message, and again after each pause, until an answer matches. All
// are one transaction, so that an answer that took longer than a pause counts too.
func ask(ctx context.Context, client *nclient4.Client, m *dhcpv4.DHCPv4, pauses schedule, match nclient4.Matcher) (answer *dhcpv4.DHCPv4, err error) {
	start := time.Now()
	err = repeat(ctx, pauses, func(ctx context.Context) error {
		m.NumSeconds = uint16(min(time.Since(start)/time.Second, 0xffff))
		answer, err = client.SendAndRead(ctx, client.RemoteAddr(), m, match)
		return err
	})
	return answer, err
}

// bindTo makes a socket see one interface only.
func bindTo(link string) func(network, address string, conn syscall.RawConn) error {
	return func(_, _ string, conn syscall.RawConn) error {
		var bindErr error
		err := conn.Control(func(fd uintptr) { bindErr = unix.BindToDevice(int(fd), link) })
		return errors.Join(err, bindErr)
	}
}
