package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"bootrc/kit/command"
)

// pingCommand is a small ping(8), with its output and exit status.
func pingCommand() command.Command {
	return command.Command{
		Name: "ping", Summary: "send echo requests to a host", Operands: "HOST",
		Options: append(familyOptions(),
			command.Option{Names: "-c", Value: "COUNT", Kind: command.Count, Check: checkCount, Help: "end after that many requests"},
			command.Option{Names: "-i", Value: "SECONDS", Kind: command.Seconds, Default: "1", Check: checkLimit, Help: "send a request every so many seconds"},
			command.Option{Names: "-q", Help: "print only the result"},
			command.Option{Names: "-W", Value: "SECONDS", Kind: command.Seconds, Default: "10", Check: checkLimit,
				Help: "wait that long for the last answer"}),
		Statuses: []string{"1: no answer came", "2: an error"},
		Run:      runPing,
	}
}

func runPing(ctx context.Context, call *command.Call) error {
	version, err := family(call)
	if err != nil {
		return err
	}
	host := call.Args[0]
	target, err := resolve(ctx, host, version)
	if err == nil {
		var p *pinger
		if p, err = newPinger(target); err == nil {
			defer p.conn.Close()
			return p.run(ctx, call, host)
		}
	}
	return &command.Failure{Status: 2, Err: fmt.Errorf("%s: %w", host, err)}
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
func (p *pinger) run(ctx context.Context, call *command.Call, host string) error {
	const headers4 = 28
	count := call.Count("c") // 0 for no end
	if p.target.Is6() {
		call.Printf("PING %s(%s) %d data bytes\n", host, p.target, pingPayload)
	} else {
		call.Printf("PING %s (%s) %d(%d) bytes of data.\n", host, p.target, pingPayload, pingPayload+headers4)
	}
	var s statistics
	start := time.Now()
	for n := 1; ctx.Err() == nil && (count == 0 || n <= count); n++ {
		s.sent++
		deadline := time.Now().Add(call.Seconds("i"))
		if n == count {
			deadline = time.Now().Add(call.Seconds("W"))
		}
		if err := p.send(n); err != nil {
			call.Warn(err.Error())
		}
		if err := p.gather(ctx, call, &s, deadline, n == count); err != nil {
			return &command.Failure{Status: 2, Err: err}
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
		if call.Flag("q") {
			continue
		}
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
