package network

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bootrc/kit/command"
	"bootrc/kit/order"
)

// showRoutes shows the main table: IPv4's, or with -6 IPv6's.
func (ip *ipCall) showRoutes() error {
	dev, err := ip.showArgs()
	if err != nil {
		return err
	}
	family := cmp.Or(ip.family, netlink.FAMILY_V4)
	var only netlink.Link
	if dev != "" {
		if only, err = linkByName(dev); err != nil {
			return err
		}
	}
	routes, err := netlink.RouteList(only, family)
	if err != nil {
		return fmt.Errorf("list the routes: %w", err)
	}
	var links []netlink.Link
	if only == nil { // the name of the one that was asked for is left out
		if links, err = netlink.LinkList(); err != nil {
			return fmt.Errorf("list the interfaces: %w", err)
		}
	}
	order.By(routes, func(a, b netlink.Route) int { return compareRoutes(a, b, family) })
	for _, r := range routes {
		writeRoute(ip.Call, r, family, links)
	}
	return nil
}

// compareRoutes puts IPv4 into the kernel's order, which the library keeps, but
// for the default route that comes first in both.
func compareRoutes(a, b netlink.Route, family int) int {
	if family == netlink.FAMILY_V6 {
		return 0
	}
	return cmp.Compare(min(1, length(a)), min(1, length(b)))
}

func length(r netlink.Route) int {
	if r.Dst == nil {
		return 0
	}
	ones, _ := r.Dst.Mask.Size()
	return ones
}

func writeRoute(call *command.Call, r netlink.Route, family int, links []netlink.Link) {
	if r.Type != unix.RTN_UNICAST {
		kinds := map[int]string{unix.RTN_BLACKHOLE: "blackhole", unix.RTN_UNREACHABLE: "unreachable", unix.RTN_PROHIBIT: "prohibit",
			unix.RTN_THROW: "throw", unix.RTN_LOCAL: "local", unix.RTN_BROADCAST: "broadcast", unix.RTN_MULTICAST: "multicast", unix.RTN_ANYCAST: "anycast"}
		call.Printf("%s ", kinds[r.Type])
	}
	call.Printf("%s", destination(r))
	for _, hop := range hops(r) {
		if hop.Gw != nil {
			call.Printf(" via %s", hop.Gw)
		}
		for _, l := range links {
			if l.Attrs().Index == hop.LinkIndex {
				call.Printf(" dev %s", l.Attrs().Name)
			}
		}
	}
	if r.Protocol != unix.RTPROT_BOOT {
		call.Printf(" proto %s", r.Protocol)
	}
	if family == netlink.FAMILY_V4 && r.Scope != unix.RT_SCOPE_UNIVERSE {
		call.Printf(" scope %s", scope(int(r.Scope)))
	}
	if r.Src != nil {
		call.Printf(" src %s", r.Src)
	}
	if r.Priority != 0 {
		call.Printf(" metric %d", r.Priority)
	}
	if r.MTU != 0 {
		call.Printf(" mtu %d", r.MTU)
	}
	if r.Flags&unix.RTNH_F_LINKDOWN != 0 {
		call.Printf(" linkdown")
	}
	call.Printf("\n")
}

// hops are a route's next hops: it is its own unless it has several.
func hops(r netlink.Route) []netlink.NexthopInfo {
	if len(r.MultiPath) == 0 {
		return []netlink.NexthopInfo{{LinkIndex: r.LinkIndex, Gw: r.Gw}}
	}
	all := make([]netlink.NexthopInfo, len(r.MultiPath))
	for i, hop := range r.MultiPath {
		all[i] = *hop
	}
	return all
}

// destination is the subnet, the address alone for a host, or default.
func destination(r netlink.Route) string {
	p := prefix(r.Dst)
	switch {
	case !p.IsValid() || p.Bits() == 0:
		return "default"
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return netip.PrefixFrom(p.Addr(), p.Bits()).String()
}
