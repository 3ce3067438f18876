package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
)

// link is the network interface that is served on.
type link struct {
	name    string
	address netip.Addr
	network netip.Prefix
	mtu     int
	undo    func() // takes back an address that it was given
}

// privateNetwork is the one of a cable whose interface has no address.
var privateNetwork = netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(172, 31, 254, 1), Mask: net.CIDRMask(24, 32)}}

// findLink returns the interface of that name, or the one with the default route. Where it has no address
// and this server gives addresses, it gets one.
func findLink(name string, gives bool) (*link, error) {
	device, err := device(name)
	if err != nil {
		return nil, err
	}
	l := &link{name: device.Attrs().Name, mtu: device.Attrs().MTU, undo: func() {}}
	addresses, err := netlink.AddrList(device, netlink.FAMILY_V4)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		if !gives {
			return nil, fmt.Errorf("%s has no IPv4 address: give it one, or, on a cable without a DHCP server, add --dhcp full", l.name)
		}
		if err := l.equip(device); err != nil {
			return nil, err
		}
		addresses = append(addresses, privateNetwork)
	}
	bits, _ := addresses[0].Mask.Size()
	l.address, _ = netip.AddrFromSlice(addresses[0].IP.To4())
	l.network = netip.PrefixFrom(l.address, bits)
	return l, nil
}

// equip gives the interface an address for as long as the program runs.
func (l *link) equip(device netlink.Link) error {
	address := privateNetwork
	err := netlink.LinkSetUp(device)
	if err == nil {
		err = netlink.AddrAdd(device, &address)
	}
	if errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("%s has no IPv4 address, and only root can give it one: %s", l.name, byRoot)
	}
	if err != nil {
		return fmt.Errorf("give %s the address %s: %w", l.name, address.IPNet, err)
	}
	l.undo = func() { netlink.AddrDel(device, &address) }
	return nil
}

func device(name string) (netlink.Link, error) {
	if name != "" {
		device, err := netlink.LinkByName(name)
		if err != nil {
			return nil, fmt.Errorf("interface %s: %w; there are %s", name, err, deviceNames())
		}
		return device, nil
	}
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, err
	}
	for _, r := range routes {
		if r.Dst == nil || r.Dst.IP.IsUnspecified() {
			return netlink.LinkByIndex(r.LinkIndex)
		}
	}
	return nil, fmt.Errorf("no interface has a default route: name one with --interface; there are %s", deviceNames())
}

func deviceNames() string {
	var names []string
	links, _ := netlink.LinkList()
	for _, l := range links {
		if l.Attrs().Flags&net.FlagLoopback == 0 {
			names = append(names, l.Attrs().Name)
		}
	}
	return strings.Join(names, ", ")
}

// otherServer returns the address of a DHCP server that answers on the interface; the zero one where none
// does within seven seconds: some first look for three whether the address is free.
func (l *link) otherServer(ctx context.Context) netip.Addr {
	client, err := nclient4.New(l.name, nclient4.WithTimeout(time.Second), nclient4.WithRetry(3))
	if err != nil {
		return netip.Addr{}
	}
	defer client.Close()
	offer, err := client.DiscoverOffer(ctx)
	if err != nil {
		return netip.Addr{}
	}
	server, _ := netip.AddrFromSlice(offer.ServerIdentifier().To4())
	return server
}

// forwards tells whether this machine leads others on to its networks.
func forwards() bool {
	setting, err := os.ReadFile("/proc/sys/net/ipv4/ip_forward")
	return err == nil && strings.TrimSpace(string(setting)) == "1"
}

// nameservers returns the DNS servers of this machine that others can reach.
func nameservers() []netip.Addr {
	var servers []netip.Addr
	content, _ := os.ReadFile("/etc/resolv.conf")
	for line := range bytes.Lines(content) {
		fields := strings.Fields(string(line))
		if len(fields) != 2 || fields[0] != "nameserver" {
			continue
		}
		if address, err := netip.ParseAddr(fields[1]); err == nil && address.Is4() && !address.IsLoopback() {
			servers = append(servers, address)
		}
	}
	return servers
}
