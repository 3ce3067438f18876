package network

import (
	"fmt"

	"bootrc/kit/command"

	"github.com/vishvananda/netlink"
)

// neighbourStates are the kernel's (include/uapi/linux/neighbour.h).
var neighbourStates = map[int]string{
	0x01: "INCOMPLETE", 0x02: "REACHABLE", 0x04: "STALE", 0x08: "DELAY", 0x10: "PROBE", 0x20: "FAILED", 0x40: "NOARP", 0x80: "PERMANENT",
}

// showNeighbours lists who answers on the links, or does not: ARP's and IPv6's neighbours.
func (ip *ipCall) showNeighbours() error {
	index := 0
	if args, err := ip.named("dev", "dev"); err != nil {
		return err
	} else if args["dev"] != "" {
		link, err := linkByName(args["dev"])
		if err != nil {
			return err
		}
		index = link.Attrs().Index
	}
	all, err := netlink.NeighList(index, ip.family)
	if err != nil {
		return fmt.Errorf("list the neighbours: %w", err)
	}
	for _, n := range all {
		link, err := netlink.LinkByIndex(n.LinkIndex)
		if err != nil || n.State == netlink.NUD_NOARP {
			continue
		}
		address := ""
		if len(n.HardwareAddr) > 0 {
			address = " lladdr " + n.HardwareAddr.String()
		}
		ip.Printf("%s dev %s%s %s\n", n.IP, link.Attrs().Name, address, neighbourStates[n.State])
	}
	return nil
}

// getRoute says which way an address is reached.
func (ip *ipCall) getRoute() error {
	a, err := parseAddr(ip.next())
	if err != nil {
		return command.Usagef("%w", err)
	}
	routes, err := netlink.RouteGet(a.AsSlice())
	if err != nil {
		return fmt.Errorf("no route leads to %s: %w", a, err)
	}
	for _, r := range routes {
		text := a.String()
		if r.Gw != nil {
			text += " via " + r.Gw.String()
		}
		if link, err := netlink.LinkByIndex(r.LinkIndex); err == nil {
			text += " dev " + link.Attrs().Name
		}
		if r.Src != nil {
			text += " src " + r.Src.String()
		}
		ip.Printf("%s\n", text)
	}
	return nil
}
