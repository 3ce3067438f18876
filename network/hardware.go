package network

import (
	"errors"
	"fmt"
	"net"

	"bootrc/kit/order"

	"github.com/vishvananda/netlink"
)

// DefaultHardware returns the hardware address of the interface that leads
// everywhere: by the default route, of IPv4 before IPv6, and then of the lowest
// metric.
func DefaultHardware() (net.HardwareAddr, error) {
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := netlink.RouteListFiltered(family, &netlink.Route{}, netlink.RT_FILTER_DST)
		if err != nil {
			return nil, fmt.Errorf("list the default routes: %w", err)
		}
		order.By(routes, func(a, b netlink.Route) int { return a.Priority - b.Priority })
		for _, route := range routes {
			link, err := netlink.LinkByIndex(route.LinkIndex)
			if err == nil && len(link.Attrs().HardwareAddr) > 0 {
				return link.Attrs().HardwareAddr, nil
			}
		}
	}
	return nil, errors.New("no interface with a hardware address has a default route")
}
