package network

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"time"

	"bootrc/kit/command"
)

// pingOptions are the options of ping(8) that are there.
type pingOptions struct {
	count  int           // how many requests, or 0 for no end
	wait   time.Duration // for the last answer
	family int           // 4, 6 or 0 for either
}

const pingInterval = time.Second

// runPing is a small ping(8), with its output and exit status: 0 if an answer
// came, 1 if none did, 2 for anything else.
func runPing(ctx context.Context, call *command.Call) error {
	options, host, err := parsePing(call)
	if err != nil {
		return err
	}
	target, err := resolve(ctx, host, options.family)
	if err == nil {
		var p *pinger
		if p, err = newPinger(target); err == nil {
			defer p.conn.Close()
			return p.run(ctx, call, host, options)
		}
	}
	fmt.Fprintf(call.Stderr, "%s: %s: %v\n", call.Name, host, err)
	return command.Status(2)
}

func parsePing(call *command.Call) (options pingOptions, host string, err error) {
	flags := newFlags(call.Name)
	family := familyFlags(flags)
	flags.IntVar(&options.count, "c", 0, "")
	wait := flags.String("W", "10", "")
	if err := flags.Parse(call.Args); err != nil {
		return options, "", &command.UsageError{Err: err}
	}
	if options.family, err = family(); err != nil {
		return options, "", &command.UsageError{Err: err}
	}
	if options.wait, err = parseSeconds(*wait); err != nil {
		return options, "", command.Usagef("-W: %w", err)
	}
	given := false
	flags.Visit(func(f *flag.Flag) { given = given || f.Name == "c" })
	if given && options.count < 1 {
		return options, "", command.Usagef("-c %d: must be 1 or more", options.count)
	}
	if flags.NArg() != 1 {
		return options, "", command.Usagef("one host is needed")
	}
	return options, flags.Arg(0), nil
}

// resolve returns the first address of a host in a family.
func resolve(ctx context.Context, host string, family int) (netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		if family == 4 && !a.Is4() || family == 6 && !a.Is6() {
			return a, fmt.Errorf("not an IPv%d address", family)
		}
		return a, nil
	}
	networks := map[int]string{0: "ip", 4: "ip4", 6: "ip6"}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, networks[family], host)
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0].Unmap(), nil
}

// run sends requests and prints answers until the last has come or ctx is done.
func (p *pinger) run(ctx context.Context, call *command.Call, host string, options pingOptions) error {
	const headers4 = 28
	if p.target.Is6() {
		call.Printf("PING %s(%s) %d data bytes\n", host, p.target, pingPayload)
	} else {
		call.Printf("PING %s (%s) %d(%d) bytes of data.\n", host, p.target, pingPayload, pingPayload+headers4)
	}
	var s statistics
	start := time.Now()
	for n := 1; ctx.Err() == nil && (options.count == 0 || n <= options.count); n++ {
		s.sent++
		deadline := time.Now().Add(pingInterval)
		if n == options.count {
			deadline = time.Now().Add(options.wait)
		}
		if err := p.send(n); err != nil {
			fmt.Fprintf(call.Stderr, "%s: %v\n", call.Name, err)
		}
		if err := p.gather(ctx, call, &s, deadline, n == options.count); err != nil {
			fmt.Fprintf(call.Stderr, "%s: %v\n", call.Name, err)
			return command.Status(2)
		}
	}
	p.conclude(call, host, &s, time.Since(start))
	if s.received == 0 {
		return command.Status(1)
	}
	return nil
}

// gather prints the answers that come until the deadline, or after the last
// request only until none is missing any more.
func (p *pinger) gather(ctx context.Context, call *command.Call, s *statistics, deadline time.Time, last bool) error {
	for ctx.Err() == nil && time.Now().Before(deadline) && !(last && len(p.sent) == 0) {
		e, err := p.receive(ctx, deadline)
		if err != nil {
			return err
		}
		if e == nil {
			return nil
		}
		if e.err != nil {
			call.Printf("From %s icmp_seq=%d %v\n", e.from, e.sequence, e.err)
			continue
		}
		s.add(e.took)
		call.Printf("%d bytes from %s: icmp_seq=%d ttl=%d time=%s ms\n", e.bytes, e.from, e.sequence, e.ttl, milliseconds(e.took))
	}
	return nil
}

func (p *pinger) conclude(call *command.Call, host string, s *statistics, took time.Duration) {
	call.Printf("\n--- %s ping statistics ---\n", host)
	lost := 0
	if s.sent > 0 {
		lost = (s.sent - s.received) * 100 / s.sent
	}
	call.Printf("%d packets transmitted, %d received, %d%% packet loss, time %dms\n", s.sent, s.received, lost, took.Milliseconds())
	if s.received > 0 {
		call.Printf("%s\n", s)
	}
}

// milliseconds writes a time with three digits that count.
func milliseconds(d time.Duration) string {
	ms := d.Seconds() * 1000
	switch {
	case ms < 1:
		return fmt.Sprintf("%.3f", ms)
	case ms < 10:
		return fmt.Sprintf("%.2f", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}
