package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"bootrc/kit/retry"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/ipv6"
)

// prepareIPv6 has a link use its IPv6 addresses before it is sure that nobody
// else has them (RFC 4429), which saves a second. It must come before the link is
// brought up. Without IPv6 it does nothing.
func (m *Manager) prepareIPv6(link string) {
	for _, name := range []string{"optimistic_dad", "use_optimistic"} {
		os.WriteFile(m.sysctl("ipv6", "conf", link, name), []byte("1"), 0)
	}
}

// followIPv6 has the kernel configure a link by router advertisements, and does
// in the background, after a delay, what it leaves to others: DNS servers and
// DHCPv6.
func (m *Manager) followIPv6(link netlink.Link, delay time.Duration) {
	name := link.Attrs().Name
	m.keep(name+" IPv6", func(ctx context.Context) {
		retry.Sleep(ctx, delay)
		// 2 is: even when the machine forwards packets, as containers may have it do
		if os.WriteFile(m.sysctl("ipv6", "conf", name, "accept_ra"), []byte("2"), 0) != nil {
			return // there is no IPv6
		}
		f := &follower{m: m, link: link}
		defer f.stop()
		if err := f.run(ctx); err != nil && ctx.Err() == nil {
			m.warn(fmt.Errorf("%s: follow IPv6 router advertisements: %w", name, err))
		}
	})
}

// follower follows the router advertisements on one link.
type follower struct {
	m       *Manager
	link    netlink.Link
	servers limitedSet[netip.Addr]
	search  limitedSet[string]

	mu      sync.Mutex
	answers context.CancelFunc // ends the asking for an advertisement

	level  int // 0 no DHCPv6, 1 for other things, 2 for addresses too
	cancel context.CancelFunc
	done   chan struct{}
}

func (f *follower) run(ctx context.Context) error {
	name := f.link.Attrs().Name
	conn, err := listenICMPv6(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(0, 1)) })()
	defer f.m.resolv.set(name+" IPv6", nil, nil)

	asking, end := context.WithCancel(ctx)
	defer end()
	go f.askRouters(asking, conn)
	buffer := make([]byte, 1<<16)
	for ctx.Err() == nil {
		n, control, from, err := conn.ReadFrom(buffer)
		now := time.Now()
		if err != nil && !os.IsTimeout(err) {
			return err
		}
		if err == nil && fromRouter(control, from) {
			if a, err := parseAdvertisement(buffer[:n]); err == nil {
				f.heard()
				f.take(ctx, now, a)
			}
		}
		next, err := f.publish(now)
		if err != nil {
			f.m.warn(err)
		}
		if ctx.Err() == nil {
			conn.SetReadDeadline(next)
		}
	}
	return nil
}

// askRouters asks until somebody answers, and again when the cable was out and is in: it may lead to
// other routers.
func (f *follower) askRouters(ctx context.Context, conn *ipv6.PacketConn) {
	for ctx.Err() == nil {
		untilReturn(ctx, f.link, func(ctx context.Context) {
			unheard, answered := context.WithCancel(ctx)
			f.mu.Lock()
			f.answers = answered
			f.mu.Unlock()
			solicit(unheard, conn, f.link, f.m.times.ask)
			<-ctx.Done()
		})
	}
}

// heard ends the asking.
func (f *follower) heard() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answers != nil {
		f.answers()
	}
}

// take acts on an advertisement.
func (f *follower) take(ctx context.Context, now time.Time, a *advertisement) {
	for _, s := range a.servers {
		if s.value.IsLinkLocalUnicast() {
			s.value = s.value.WithZone(f.link.Attrs().Name)
		}
		f.servers.add(now, s)
	}
	for _, s := range a.search {
		f.search.add(now, s)
	}
	level := 0
	if a.other {
		level = 1
	}
	if a.managed {
		level = 2
	}
	if level > f.level {
		f.startDHCP(ctx, level)
	}
}

// startDHCP starts DHCPv6, in place of one that asked for less.
func (f *follower) startDHCP(ctx context.Context, level int) {
	f.stop()
	ctx, f.cancel = context.WithCancel(ctx)
	f.level, f.done = level, make(chan struct{})
	go func() {
		defer close(f.done)
		c := client6{f.m, f.link}
		if level == 2 {
			c.keep(ctx)
		} else {
			c.inform(ctx)
		}
	}()
}

func (f *follower) stop() {
	if f.cancel != nil {
		f.cancel()
		<-f.done
	}
}

// publish writes the servers that still hold, and tells when that changes next.
func (f *follower) publish(now time.Time) (next time.Time, err error) {
	servers, next := f.servers.live(now)
	search, end := f.search.live(now)
	if next.IsZero() || !end.IsZero() && end.Before(next) {
		next = end
	}
	return next, f.m.resolv.set(f.link.Attrs().Name+" IPv6", servers, search)
}

// listenICMPv6 receives the router advertisements of one link.
func listenICMPv6(ctx context.Context, link string) (*ipv6.PacketConn, error) {
	config := net.ListenConfig{Control: bindTo(link)}
	c, err := config.ListenPacket(ctx, "ip6:ipv6-icmp", "::")
	if err != nil {
		return nil, err
	}
	conn := ipv6.NewPacketConn(c)
	var filter ipv6.ICMPFilter
	filter.SetAll(true)
	filter.Accept(ipv6.ICMPTypeRouterAdvertisement)
	for _, err := range []error{
		conn.SetICMPFilter(&filter),
		conn.SetControlMessage(ipv6.FlagHopLimit, true),
		conn.SetMulticastHopLimit(255),
	} {
		if err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// solicit asks the routers to advertise themselves now, until ctx ends. The kernel
// asks too, but stops at an answer that came before conn was there to hear it.
func solicit(ctx context.Context, conn *ipv6.PacketConn, link netlink.Link, first time.Duration) {
	routers := &net.IPAddr{IP: net.IPv6linklocalallrouters, Zone: zone(link)}
	message := make([]byte, 8) // the kernel fills in the checksum
	message[0] = byte(ipv6.ICMPTypeRouterSolicitation)
	for n := 0; ctx.Err() == nil; {
		pause := time.Second // until the link has an address to ask from
		if _, err := conn.WriteTo(message, nil, routers); err == nil {
			pause = solicitation(n, first)
			n++
		}
		retry.Sleep(ctx, pause)
	}
}

// fromRouter tells whether a message is from the link itself: forwarding would
// have lowered its hop limit (RFC 4861, section 6.1.2).
func fromRouter(control *ipv6.ControlMessage, from net.Addr) bool {
	a, ok := from.(*net.IPAddr)
	return ok && a.IP.IsLinkLocalUnicast() && control != nil && control.HopLimit == 255
}
