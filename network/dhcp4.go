package network

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/vishvananda/netlink"
)

// client4 asks for IPv4 addresses on one interface (RFC 2131, section 4.4).
type client4 struct {
	link     netlink.Link
	extras   *Extras
	patience time.Duration // with the first server that made an offer
}

// errRefused is a server's DHCPNAK.
var errRefused = errors.New("the server refused the address")

// discover gets a lease from whichever server answers first. It goes on asking,
// in the given pauses, until ctx is done; before that it returns only when
// packets cannot be sent. From a server that refuses, or falls silent after its offer, another
// offer is taken only when no other server makes one.
func (c client4) discover(ctx context.Context, pauses schedule) (*lease, error) {
	socket, err := c.broadcast()
	if err != nil {
		return nil, fmt.Errorf("listen for DHCP: %w", err)
	}
	// closing a packet socket waits for all CPUs: nobody else should
	defer func() { go socket.Close() }()

	transaction, err := dhcpv4.GenerateTransactionID() // one for all, so that answers may be late
	if err != nil {
		return nil, err
	}
	unreliable := make(map[netip.Addr]bool)
	for round := 0; ; round++ {
		offer, err := c.offer(ctx, socket, transaction, pauses, unreliable)
		if err != nil {
			return nil, err
		}
		if offer.MessageType() == dhcpv4.MessageTypeAck {
			return newLease(c.name(), offer)
		}
		l, err := c.accept(ctx, socket, offer, round)
		if err == nil || ctx.Err() != nil {
			return l, err
		}
		if server, ok := offer.server(); ok {
			unreliable[server] = true
		}
		sleep(ctx, pauses(1)) // not in a tight loop
	}
}

// offer broadcasts a DHCPDISCOVER until an offer comes that can be used, or the late acknowledgement
// of what an unreliable server offered before.
func (c client4) offer(ctx context.Context, socket *socket4, transaction dhcpv4.TransactionID, pauses schedule, unreliable map[netip.Addr]bool) (answer4, error) {
	m, err := c.message(dhcpv4.MessageTypeDiscover, dhcpv4.WithTransactionID(transaction))
	if err != nil {
		return answer4{}, err
	}
	if address := c.extras.Address; address.IsValid() {
		m.UpdateOption(dhcpv4.OptRequestedIPAddress(address.AsSlice()))
	}
	choosy := len(unreliable) > 0
	var other answer4 // from an unreliable server
	reliable := func(answer answer4) bool {
		l, err := newLease(c.name(), answer)
		if err == nil && answer.MessageType() == dhcpv4.MessageTypeAck {
			return unreliable[l.server]
		}
		if err != nil || answer.MessageType() != dhcpv4.MessageTypeOffer {
			return false
		}
		if choosy && unreliable[l.server] {
			other = answer
			return false
		}
		return true
	}
	if choosy {
		first, cancel := context.WithTimeout(ctx, pauses(2))
		offer, err := socket.ask(first, alternate(m), pauses, reliable)
		cancel()
		if err == nil || ctx.Err() != nil || first.Err() == nil {
			return offer, err
		}
		if other.DHCPv4 != nil {
			return other, nil
		}
		choosy = false
	}
	return socket.ask(ctx, alternate(m), pauses, reliable)
}

// alternate asks for an answer to the hardware address and, in every second message, to all: some
// servers and relays can do only the one, some networks carry only the other.
func alternate(m *dhcpv4.DHCPv4) func(n int) *dhcpv4.DHCPv4 {
	return func(n int) *dhcpv4.DHCPv4 {
		m.SetUnicast()
		if n%2 == 1 {
			m.SetBroadcast()
		}
		return m
	}
}

// accept asks for what a server offered, for some seconds, and longer in later rounds, as
// there are servers that take that long.
func (c client4) accept(ctx context.Context, socket *socket4, offer answer4, round int) (*lease, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience<<min(round, 3))
	defer cancel()
	m, err := c.message(dhcpv4.MessageTypeRequest,
		dhcpv4.WithTransactionID(offer.TransactionID),
		dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(offer.YourIPAddr)),
		dhcpv4.WithOptionCopied(offer.DHCPv4, dhcpv4.OptionServerIdentifier))
	if err != nil {
		return nil, err
	}
	server, _ := offer.server()
	messages := alternate(m)
	return c.request(ctx, socket, func(n int) *dhcpv4.DHCPv4 {
		if !offer.namesItself() && n%2 == 1 { // at first as the server has it, then as it should be
			m.UpdateOption(dhcpv4.OptServerIdentifier(server.AsSlice()))
		}
		return messages(n)
	}, eager, func(answer answer4) bool {
		named, _ := answer.server()
		return named == server || !answer.namesItself() || answer.YourIPAddr.Equal(offer.YourIPAddr)
	})
}

// extend asks for more time: the lease's own server in RENEWING, any server in
// REBINDING (RFC 2131, section 4.4.5).
func (c client4) extend(ctx context.Context, l *lease, rebinding bool, pauses schedule) (*lease, error) {
	m, err := c.message(dhcpv4.MessageTypeRequest, dhcpv4.WithClientIP(l.Addresses[0].Addr().AsSlice()))
	if err != nil {
		return nil, err
	}
	open := func() (*socket4, error) { return unicast4(c.link, l.server) }
	if rebinding {
		open = c.broadcast
	}
	socket, err := open()
	if err != nil {
		return nil, fmt.Errorf("listen for DHCP: %w", err)
	}
	defer socket.Close()
	return c.conclude(ctx, socket, m, pauses)
}

// conclude sends a request until some server grants or refuses it.
func (c client4) conclude(ctx context.Context, socket *socket4, m *dhcpv4.DHCPv4, pauses schedule) (*lease, error) {
	return c.request(ctx, socket, func(int) *dhcpv4.DHCPv4 { return m }, pauses, func(answer4) bool { return true })
}

// request sends messages until one of the servers that are meant grants or refuses them.
func (c client4) request(ctx context.Context, socket *socket4, messages func(n int) *dhcpv4.DHCPv4, pauses schedule, meant func(answer4) bool) (*lease, error) {
	var granted *lease
	_, err := socket.ask(ctx, messages, pauses, func(answer answer4) bool {
		switch answer.MessageType() {
		case dhcpv4.MessageTypeNak:
			return meant(answer)
		case dhcpv4.MessageTypeAck:
			l, err := newLease(c.name(), answer)
			if err != nil || !meant(answer) {
				return false
			}
			granted = l
			return true
		}
		return false
	})
	if err == nil && granted == nil {
		err = errRefused
	}
	return granted, err
}

func (c client4) broadcast() (*socket4, error) { return broadcast4(c.link) }

func (c client4) name() string { return c.link.Attrs().Name }

// message is a message of a kind, with what goes into all of them.
func (c client4) message(kind dhcpv4.MessageType, more ...dhcpv4.Modifier) (*dhcpv4.DHCPv4, error) {
	common := append(c.options(), dhcpv4.WithHwAddr(c.link.Attrs().HardwareAddr), dhcpv4.WithMessageType(kind))
	return dhcpv4.New(append(common, more...)...)
}

func (c client4) options() []dhcpv4.Modifier { return []dhcpv4.Modifier{c.extras.modify(c.link)} }
