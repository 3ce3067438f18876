package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
	"bootrc/kit/order"
	"bootrc/network/dns"
)

// runNslookup is a small nslookup(1): addresses of a name, or names of an
// address, from the first server of resolv.conf or the one that is given.
func runNslookup(ctx context.Context, call *command.Call) error {
	name := call.Args[0]
	var server string
	if len(call.Args) == 2 {
		server = call.Args[1]
	}
	resolver, used, err := newResolver(ctx, server)
	if err != nil {
		return err
	}
	call.Printf("Server:\t\t%s\nAddress:\t%s#53\n\n", used, used)

	if a, err := netip.ParseAddr(name); err == nil {
		return lookUpAddress(ctx, call, resolver, a)
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return notFound(call, name, err)
	}
	order.By(addrs, netip.Addr.Compare)
	for _, a := range addrs {
		call.Printf("Name:\t%s\nAddress: %s\n", strings.TrimSuffix(name, "."), a.Unmap())
	}
	return nil
}

func lookUpAddress(ctx context.Context, call *command.Call, resolver *net.Resolver, a netip.Addr) error {
	names, err := resolver.LookupAddr(ctx, a.String())
	if err != nil {
		return notFound(call, a.String(), err)
	}
	for _, n := range names {
		call.Printf("%s\tname = %s\n", a, foreign.Line(n))
	}
	return nil
}

// notFound prints a failure as nslookup does.
func notFound(call *command.Call, name string, err error) error {
	var failure *net.DNSError
	reason := err.Error()
	if errors.As(err, &failure) {
		reason = failure.Err
		if failure.IsNotFound {
			reason = "NXDOMAIN"
		}
	}
	call.Printf("** server can't find %s: %s\n", name, reason)
	return command.Status(1)
}

// newResolver asks one server only: the one given, as an address or a name, or
// the first of resolv.conf. It returns that server's address too.
func newResolver(ctx context.Context, server string) (*net.Resolver, string, error) {
	if server == "" {
		servers := dns.Servers("/etc/resolv.conf")
		if len(servers) == 0 {
			return nil, "", fmt.Errorf("no DNS server is known: /etc/resolv.conf names none")
		}
		server, _, _ = net.SplitHostPort(servers[0])
	}
	a, err := resolve(ctx, server, 0)
	if err != nil {
		return nil, "", fmt.Errorf("server %s: %w", server, err)
	}
	return dns.At(netip.AddrPortFrom(a, 53).String()), a.String(), nil
}
