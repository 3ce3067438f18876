package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"bootrc/kit/retry"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/dhcpv6/nclient6"
	"github.com/insomniacslk/dhcp/iana"
	"github.com/vishvananda/netlink"
)

// client6 speaks DHCPv6 on one link (RFC 8415).
type client6 struct {
	m    *Manager
	link netlink.Link
}

// keep gets an address and keeps it for as long as ctx lasts.
func (c client6) keep(ctx context.Context) {
	var l *lease6
	defer func() { c.lose(l) }()
	for ctx.Err() == nil {
		next, err := c.advance(ctx, l)
		switch {
		case ctx.Err() != nil:
		case err != nil && l == nil:
			retry.Sleep(ctx, time.Second) // packets cannot be sent now
		case err != nil:
			c.m.warn(fmt.Errorf("%s: lease of %s lost: %w", c.name(), l.Addresses[0].Addr(), err))
			c.lose(l)
			l = nil
		default:
			c.install(l, next)
			l = next
		}
	}
}

// advance gets a first lease, or waits until a lease is due and extends it.
func (c client6) advance(ctx context.Context, l *lease6) (*lease6, error) {
	if l == nil {
		return c.with(ctx, func(client *nclient6.Client) (*lease6, error) { return c.solicit(ctx, client) })
	}
	var next *lease6
	var err error
	returned := untilReturn(ctx, c.link, func(ctx context.Context) {
		retry.Sleep(ctx, time.Until(c.m.times.due(l.got, l.renew)))
		next, err = c.extend(ctx, l, dhcpv6.MessageTypeRenew, c.m.times.due(l.got, l.rebind), l.unhurried)
	})
	if returned && next == nil { // perhaps to another network; where nobody objects, the address may be used further on
		if next, _ = c.extend(ctx, l, dhcpv6.MessageTypeRebind, time.Now().Add(c.m.times.reboot), hurried); next == nil {
			next = l
		}
		return next, ctx.Err()
	}
	if next == nil {
		next, err = c.extend(ctx, l, dhcpv6.MessageTypeRebind, c.m.times.due(l.got, l.valid), l.unhurried)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errExpired
	}
	return next, err
}

func (c client6) install(former, next *lease6) {
	var old *Config
	if former != nil {
		old = &former.Config
	}
	if err := c.m.configure(c.link, "DHCPv6", old, &next.Config); err != nil {
		c.m.warn(err)
	}
}

func (c client6) lose(l *lease6) {
	if l != nil {
		withdraw(c.link, &l.Config, nil)
		c.m.resolv.set(c.name()+" DHCPv6", nil, nil)
	}
}

// solicit asks all servers for an address and takes the first that is offered.
func (c client6) solicit(ctx context.Context, client *nclient6.Client) (*lease6, error) {
	m, err := dhcpv6.NewSolicit(client.InterfaceAddr(), dhcpv6.WithClientID(c.identity()), dhcpv6.WithRapidCommit)
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(ctx, client, m, lazy, dhcpv6.MessageTypeAdvertise, dhcpv6.MessageTypeReply)
	if err != nil {
		return nil, err
	}
	if answer.MessageType == dhcpv6.MessageTypeAdvertise {
		request, err := dhcpv6.NewRequestFromAdvertise(answer)
		if err != nil {
			return nil, err
		}
		const patience = 10 * time.Second
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		answer, err = c.ask(ctx, client, request, eager, dhcpv6.MessageTypeReply)
		if err != nil {
			return nil, err
		}
	}
	return newLease6(c.name(), answer)
}

// extend asks for more time until the end of this phase: the lease's own server
// with Renew, any server with Rebind (RFC 8415, section 18.2.4 and 18.2.5).
func (c client6) extend(ctx context.Context, l *lease6, kind dhcpv6.MessageType, end time.Time, pauses func(end time.Time) schedule) (*lease6, error) {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	return c.with(ctx, func(client *nclient6.Client) (*lease6, error) {
		m, err := dhcpv6.NewMessage(dhcpv6.WithClientID(c.identity()), dhcpv6.WithOption(l.identity), wanted)
		if err != nil {
			return nil, err
		}
		m.MessageType = kind
		if kind == dhcpv6.MessageTypeRenew {
			m.AddOption(dhcpv6.OptServerID(l.server))
		}
		answer, err := c.ask(ctx, client, m, pauses(end), dhcpv6.MessageTypeReply)
		if err != nil {
			return nil, err
		}
		return newLease6(c.name(), answer)
	})
}

// unhurried asks when half of the time until an end is over, but no sooner than a minute or, of a short
// lease, a sixteenth.
func (l *lease6) unhurried(end time.Time) schedule {
	return func(int) time.Duration { return max(time.Until(end)/2, min(time.Minute, l.valid/16)) }
}

func hurried(time.Time) schedule { return eager }

// ask sends a message until an answer of one of the kinds comes that holds a
// usable address.
func (c client6) ask(ctx context.Context, client *nclient6.Client, m *dhcpv6.Message, pauses schedule, kind dhcpv6.MessageType, kinds ...dhcpv6.MessageType) (answer *dhcpv6.Message, err error) {
	isKind := nclient6.IsMessageType(kind, kinds...)
	start := time.Now()
	err = repeat(ctx, pauses, func(ctx context.Context) error {
		m.UpdateOption(dhcpv6.OptElapsedTime(min(time.Since(start), 600*time.Second)))
		answer, err = client.SendAndRead(ctx, client.RemoteAddr(), m, func(a *dhcpv6.Message) bool {
			_, err := newLease6(c.name(), a)
			return isKind(a) && err == nil
		})
		return err
	})
	return answer, err
}

// inform asks for DNS servers alone, and again when they are due (RFC 8415,
// section 18.2.6), for as long as ctx lasts.
func (c client6) inform(ctx context.Context) {
	defer c.m.resolv.set(c.name()+" DHCPv6", nil, nil)
	for ctx.Err() == nil {
		var refresh time.Duration
		_, err := c.with(ctx, func(client *nclient6.Client) (*lease6, error) {
			m, err := dhcpv6.NewMessage(dhcpv6.WithClientID(c.identity()), wanted, dhcpv6.WithOption(dhcpv6.OptElapsedTime(0)))
			if err != nil {
				return nil, err
			}
			m.MessageType = dhcpv6.MessageTypeInformationRequest
			return nil, repeat(ctx, lazy, func(ctx context.Context) error {
				answer, err := client.SendAndRead(ctx, client.RemoteAddr(), m, nclient6.IsMessageType(dhcpv6.MessageTypeReply))
				if err != nil {
					return err
				}
				refresh = max(answer.Options.InformationRefreshTime(24*time.Hour), 10*time.Minute)
				return c.m.resolv.set(c.name()+" DHCPv6", servers6(answer), search6(answer))
			})
		})
		if err != nil {
			refresh = time.Second
		}
		retry.Sleep(ctx, refresh)
	}
}

// with opens a client on the link-local address, for which it waits, for one
// exchange.
func (c client6) with(ctx context.Context, exchange func(*nclient6.Client) (*lease6, error)) (*lease6, error) {
	local, err := waitLinkLocal(ctx, c.link)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: local, Port: dhcpv6.DefaultClientPort, Zone: zone(c.link)})
	if err != nil {
		return nil, err
	}
	client, err := nclient6.NewWithConn(conn, c.link.Attrs().HardwareAddr,
		nclient6.WithTimeout(365*24*time.Hour), nclient6.WithRetry(1))
	if err != nil {
		conn.Close()
		return nil, err
	}
	defer client.Close()
	return exchange(client)
}

func (c client6) name() string { return c.link.Attrs().Name }

func (c client6) identity() dhcpv6.DUID { return duid(c.link.Attrs().HardwareAddr) }

// duid is made of the hardware address alone, so that it is the same at the
// next boot, and with it the address.
func duid(hardware net.HardwareAddr) dhcpv6.DUID {
	return &dhcpv6.DUIDLL{HWType: iana.HWTypeEthernet, LinkLayerAddr: hardware}
}

// wanted asks for DNS servers and domains.
func wanted(m dhcpv6.DHCPv6) {
	dhcpv6.WithRequestedOptions(dhcpv6.OptionDNSRecursiveNameServer, dhcpv6.OptionDomainSearchList)(m)
}
