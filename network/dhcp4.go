package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"

	"bootrc/kit/retry"

	"github.com/vishvananda/netlink"
)

// client4 asks for IPv4 addresses on one interface (RFC 2131, section 4.4).
type client4 struct {
	link   netlink.Link
	extras *Extras
	times  times
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

	transaction := rand.Uint32() // one for all, so that answers may be late
	unreliable := make(map[netip.Addr]bool)
	for round := 0; ; round++ {
		offer, err := c.offer(ctx, socket, transaction, pauses, unreliable)
		if err != nil {
			return nil, err
		}
		if offer.kind() == ack4 {
			return newLease(c.name(), offer)
		}
		l, err := c.accept(ctx, socket, offer, round)
		if err == nil || ctx.Err() != nil {
			return l, err
		}
		if server, ok := offer.server(); ok {
			unreliable[server] = true
		}
		retry.Sleep(ctx, pauses(1)) // not in a tight loop
	}
}

// offer broadcasts a DHCPDISCOVER until an offer comes that can be used, or the late acknowledgement
// of what an unreliable server offered before.
func (c client4) offer(ctx context.Context, socket *socket4, transaction uint32, pauses schedule, unreliable map[netip.Addr]bool) (*message4, error) {
	m := c.message(discover4)
	m.transaction = transaction
	if address := c.extras.Address; address.IsValid() {
		m.options[optAddress] = address.AsSlice()
	}
	choosy := len(unreliable) > 0
	var other *message4 // from an unreliable server
	reliable := func(answer *message4) bool {
		l, err := newLease(c.name(), answer)
		if err == nil && answer.kind() == ack4 {
			return unreliable[l.server]
		}
		if err != nil || answer.kind() != offer4 {
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
		if other != nil {
			return other, nil
		}
		choosy = false
	}
	return socket.ask(ctx, alternate(m), pauses, reliable)
}

// alternate asks for an answer to the hardware address and, in every second message, to all: some
// servers and relays can do only the one, some networks carry only the other.
func alternate(m *message4) func(n int) *message4 {
	return func(n int) *message4 {
		m.broadcast = n%2 == 1
		return m
	}
}

// accept asks for what a server offered, for some seconds, and longer in later rounds, as
// there are servers that take that long.
func (c client4) accept(ctx context.Context, socket *socket4, offer *message4, round int) (*lease, error) {
	ctx, cancel := context.WithTimeout(ctx, c.times.ack<<min(round, 3))
	defer cancel()
	m := c.message(request4)
	m.transaction = offer.transaction
	m.options[optAddress] = offer.your.AsSlice()
	if named, ok := offer.options[optServer]; ok {
		m.options[optServer] = named
	}
	server, _ := offer.server()
	messages := alternate(m)
	return c.request(ctx, socket, func(n int) *message4 {
		if !offer.namesItself() && n%2 == 1 { // at first as the server has it, then as it should be
			m.options[optServer] = server.AsSlice()
		}
		return messages(n)
	}, eager, func(answer *message4) bool {
		named, _ := answer.server()
		return named == server || !answer.namesItself() || answer.your == offer.your
	})
}

// extend asks for more time: the lease's own server in RENEWING, any server in
// REBINDING (RFC 2131, section 4.4.5).
func (c client4) extend(ctx context.Context, l *lease, rebinding bool, pauses schedule) (*lease, error) {
	m := c.message(request4)
	m.client = l.Addresses[0].Addr()
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
func (c client4) conclude(ctx context.Context, socket *socket4, m *message4, pauses schedule) (*lease, error) {
	return c.request(ctx, socket, func(int) *message4 { return m }, pauses, func(*message4) bool { return true })
}

// request sends messages until one of the servers that are meant grants or refuses them.
func (c client4) request(ctx context.Context, socket *socket4, messages func(n int) *message4, pauses schedule, meant func(*message4) bool) (*lease, error) {
	var granted *lease
	_, err := socket.ask(ctx, messages, pauses, func(answer *message4) bool {
		switch answer.kind() {
		case nak4:
			return meant(answer)
		case ack4:
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
func (c client4) message(kind byte) *message4 {
	m := newMessage4(kind, c.link.Attrs().HardwareAddr)
	c.extras.addTo(m)
	return m
}
