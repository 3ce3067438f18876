package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

type ledKey struct{}

// Led returns a context for requests to an address that a server has named, as redirects are:
// what only this machine reaches is not asked, unless servers that the caller named are there,
// too.
func Led(ctx context.Context) context.Context { return context.WithValue(ctx, ledKey{}, true) }

func isLed(r *http.Request) bool { return r.Response != nil || r.Context().Value(ledKey{}) != nil }

// near is which addresses that only this machine reaches the caller's own servers have.
type near struct {
	mu    sync.Mutex
	known map[string]bool
}

// nearness names the kind of an address that only this machine, or its link, reaches: there
// lie services without a password, such as a cloud's metadata at 169.254.169.254. It is "" for
// all others.
func nearness(address netip.Addr) string {
	address = address.Unmap()
	switch {
	case address.IsLoopback(), address.IsUnspecified():
		return "loopback"
	case address.IsLinkLocalUnicast(), address == metadata6:
		return "link-local"
	}
	return ""
}

// metadata6 is where a cloud has its metadata in IPv6.
var metadata6 = netip.MustParseAddr("fd00:ec2::254")

// check notes the address of a server that the caller named, and refuses that of another.
func (n *near) check(address netip.Addr, led bool) error {
	kind := nearness(address)
	if kind == "" {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case !led && n.known == nil:
		n.known = map[string]bool{kind: true}
	case !led:
		n.known[kind] = true
	case !n.known[kind]:
		return fmt.Errorf("%w: %s is a %s address", ErrNear, address, kind)
	}
	return nil
}

// checkURL is check for a request whose address has no name: through a proxy, none is resolved
// here.
func (n *near) checkURL(r *http.Request) error {
	address, err := netip.ParseAddr(r.URL.Hostname())
	if err != nil {
		return nil
	}
	return n.check(address, isLed(r))
}

// checkConn is check for the server at the other end.
func (n *near) checkConn(ctx context.Context, conn net.Conn) error {
	address, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return nil
	}
	return n.check(address.Addr(), ctx.Value(ledKey{}) != nil)
}
