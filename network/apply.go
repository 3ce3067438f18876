package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// apply gives a link what next says, and takes from it what former, which may be
// nil, had given it and next has not. It may be repeated.
//
// An address that cannot be had is an error; for the MTU and the routes, doubt
// decides what becomes of one.
//
// Nothing is waited for: neither a carrier nor, in IPv6, the search for
// duplicates of an address that a person chose.
func apply(link netlink.Link, former, next *Config, doubt func(error) error) error {
	if err := setMTU(link, next.MTU); err != nil {
		if err := doubt(err); err != nil {
			return err
		}
	}
	if err := setUp(link); err != nil {
		return err
	}
	if former != nil { // first: with an address the kernel takes away others of its subnet, and their routes
		withdraw(link, former, next)
	}
	for _, a := range next.Addresses {
		if err := addAddress(link, a, next.Lifetime); err != nil {
			return err
		}
	}
	for _, r := range next.Routes {
		if err := addRoute(link, r); err != nil {
			if err := doubt(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// strict is for what a person asked for: it has to be as it was asked.
func strict(err error) error { return err }

func setMTU(link netlink.Link, mtu int) error {
	if mtu == 0 || mtu == link.Attrs().MTU {
		return nil
	}
	if err := netlink.LinkSetMTU(link, mtu); err != nil {
		return fmt.Errorf("set MTU %d of %s: %w", mtu, link.Attrs().Name, err)
	}
	return nil
}

// withdraw takes from a link what former has and next, which may be nil, has
// not. What is gone already is no error.
func withdraw(link netlink.Link, former, next *Config) {
	if next == nil {
		next = &Config{}
	}
	for _, r := range former.Routes {
		if !slices.Contains(next.Routes, r) {
			netlink.RouteDel(kernelRoute(link, r))
		}
	}
	for _, a := range former.Addresses {
		if !slices.Contains(next.Addresses, a) {
			netlink.AddrDel(link, kernelAddr(a, 0))
		}
	}
}

func setUp(link netlink.Link) error {
	if isUp(link) {
		return nil
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring %s up: %w", link.Attrs().Name, err)
	}
	return nil
}

// addAddress adds an address that the kernel takes away itself after lifetime,
// unless that is 0.
func addAddress(link netlink.Link, a netip.Prefix, lifetime time.Duration) error {
	if err := netlink.AddrReplace(link, kernelAddr(a, lifetime)); err != nil {
		return fmt.Errorf("add address %s to %s: %w", a, link.Attrs().Name, explain(a.Addr(), err))
	}
	return nil
}

// addRoute adds a route beside others to the same destination. A gateway outside
// every subnet of the link gets a route of its own first: providers of single
// addresses (/32) rely on that.
func addRoute(link netlink.Link, r Route) error {
	err := appendRoute(link, r)
	if r.Via.IsValid() && (errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH)) {
		direct := Route{Dst: netip.PrefixFrom(r.Via, r.Via.BitLen())}
		if err = appendRoute(link, direct); err == nil {
			err = appendRoute(link, r)
		}
	}
	if err == nil {
		return nil
	}
	name := link.Attrs().Name
	if !r.Via.IsValid() {
		return fmt.Errorf("add route to %s on %s: %w", r.Dst, name, explain(r.Dst.Addr(), err))
	}
	return fmt.Errorf("add route to %s by %s on %s: %w", r.Dst, r.Via, name, explain(r.Dst.Addr(), err))
}

func appendRoute(link netlink.Link, r Route) error {
	err := netlink.RouteAppend(kernelRoute(link, r))
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// explain adds what the kernel's error for a missing IPv6 leaves unsaid.
func explain(a netip.Addr, err error) error {
	if a.Is6() && (errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EACCES)) {
		return fmt.Errorf("%w (IPv6 is switched off, or its module is not loaded)", err)
	}
	return err
}

func kernelAddr(a netip.Prefix, lifetime time.Duration) *netlink.Addr {
	seconds := int(lifetime / time.Second)
	addr := &netlink.Addr{IPNet: ipNet(a), ValidLft: seconds, PreferedLft: seconds}
	if a.Addr().Is6() && lifetime == 0 {
		addr.Flags = unix.IFA_F_NODAD
	}
	return addr
}

func kernelRoute(link netlink.Link, r Route) *netlink.Route {
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(r.Dst)}
	if r.Via.IsValid() {
		route.Gw = r.Via.AsSlice()
	} else if r.Dst.Addr().Is4() {
		route.Scope = netlink.SCOPE_LINK
	}
	return route
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
