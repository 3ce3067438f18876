package network

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bootrc/kit/command"
)

// ipCall is one call of the ip command after its options (ip(8)).
type ipCall struct {
	*command.Call
	family int // netlink.FAMILY_ALL, _V4 or _V6
	brief  bool
	words  []string // what is not yet read
}

// runIP is a small ip(8): objects and verbs may be abbreviated as there.
func runIP(_ context.Context, call *command.Call) error {
	flags := newFlags(call.Name)
	family := familyFlags(flags)
	brief := flags.Bool("br", false, "")
	flags.BoolVar(brief, "brief", false, "")
	if err := flags.Parse(call.Args); err != nil {
		return &command.UsageError{Err: err}
	}
	number, err := family()
	if err != nil {
		return &command.UsageError{Err: err}
	}
	families := map[int]int{0: netlink.FAMILY_ALL, 4: netlink.FAMILY_V4, 6: netlink.FAMILY_V6}
	ip := &ipCall{call, families[number], *brief, flags.Args()}
	return ip.object()
}

func (ip *ipCall) object() error {
	object := ip.next()
	verb := ip.next()
	if verb == "" {
		verb = "show"
	}
	switch {
	case object == "":
		return command.Usagef("what to show or change is missing: addr, link or route")
	case abbreviates(object, "address"):
		return ip.do(verb, map[string]func() error{"show": ip.showAddrs, "list": ip.showAddrs, "add": ip.addAddr, "delete": ip.deleteAddr})
	case abbreviates(object, "link"):
		return ip.do(verb, map[string]func() error{"show": ip.showLinks, "list": ip.showLinks, "set": ip.setLink})
	case abbreviates(object, "route"):
		return ip.do(verb, map[string]func() error{"show": ip.showRoutes, "list": ip.showRoutes, "add": ip.addRoute, "delete": ip.deleteRoute})
	}
	return command.Usagef("unknown object %s: known are addr, link and route", object)
}

func (ip *ipCall) do(verb string, verbs map[string]func() error) error {
	if verb == "ls" {
		verb = "list"
	}
	for name, run := range verbs {
		if abbreviates(verb, name) && (verb != "s" || name == "show") {
			return run()
		}
	}
	return command.Usagef("unknown verb %s", verb)
}

// next takes the next word, or "" at the end.
func (ip *ipCall) next() string {
	if len(ip.words) == 0 {
		return ""
	}
	word := ip.words[0]
	ip.words = ip.words[1:]
	return word
}

// named takes the rest of the words as names and values, where a lone word is
// the value of bare.
func (ip *ipCall) named(bare string, names ...string) (map[string]string, error) {
	values := make(map[string]string)
	for len(ip.words) > 0 {
		name, value := bare, ip.next()
		for _, n := range names {
			if value == n {
				name, value = n, ip.next()
				break
			}
		}
		if name == "" {
			return nil, command.Usagef("%s is not understood here", value)
		}
		if value == "" {
			return nil, command.Usagef("a value is missing after %s", name)
		}
		if values[name] != "" {
			return nil, command.Usagef("%s and %s: only one %s is possible", values[name], value, name)
		}
		values[name] = value
	}
	return values, nil
}

func (ip *ipCall) setLink() error {
	if len(ip.words) > 0 && ip.words[0] == "dev" {
		ip.next()
	}
	name, state := ip.next(), ip.next()
	if name == "" || state != "up" && state != "down" || len(ip.words) > 0 {
		return command.Usagef("link set takes an interface, and up or down")
	}
	link, err := linkByName(name)
	if err != nil {
		return err
	}
	set := netlink.LinkSetUp
	if state == "down" {
		set = netlink.LinkSetDown
	}
	if err := set(link); err != nil {
		return fmt.Errorf("set %s %s: %w", name, state, err)
	}
	return nil
}

func (ip *ipCall) addAddr() error {
	link, a, err := ip.addrArgs()
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: ipNet(a)}); err != nil {
		return fmt.Errorf("add %s to %s: %w", a, link.Attrs().Name, explain(a.Addr(), err))
	}
	return nil
}

func (ip *ipCall) deleteAddr() error {
	link, a, err := ip.addrArgs()
	if err != nil {
		return err
	}
	if err := netlink.AddrDel(link, &netlink.Addr{IPNet: ipNet(a)}); err != nil {
		return fmt.Errorf("delete %s from %s: %w", a, link.Attrs().Name, err)
	}
	return nil
}

// addrArgs reads CIDR dev DEV.
func (ip *ipCall) addrArgs() (netlink.Link, netip.Prefix, error) {
	args, err := ip.named("address", "dev")
	if err != nil {
		return nil, netip.Prefix{}, err
	}
	if args["address"] == "" || args["dev"] == "" {
		return nil, netip.Prefix{}, command.Usagef("an address and dev DEV are needed")
	}
	a, err := parseHostPrefix(args["address"])
	if err != nil {
		return nil, a, err
	}
	link, err := linkByName(args["dev"])
	return link, a, err
}

func (ip *ipCall) addRoute() error {
	return ip.changeRoute("add", netlink.RouteAdd)
}

func (ip *ipCall) deleteRoute() error {
	return ip.changeRoute("delete", netlink.RouteDel)
}

// changeRoute reads DST [via IP] [dev DEV] and does with that route what change
// does.
func (ip *ipCall) changeRoute(verb string, change func(*netlink.Route) error) error {
	args, err := ip.named("destination", "via", "dev")
	if err != nil {
		return err
	}
	if args["destination"] == "" || verb == "add" && args["via"] == "" && args["dev"] == "" {
		return command.Usagef("a destination, and via IP or dev DEV, are needed")
	}
	var r Route
	if args["via"] != "" {
		if r.Via, err = parseAddr(args["via"]); err != nil {
			return err
		}
	}
	r.Dst, err = parseDestination(args["destination"], r.Via.Is6() || ip.family == netlink.FAMILY_V6)
	if err != nil {
		return err
	}
	if r.Via.IsValid() && r.Via.Is4() != r.Dst.Addr().Is4() {
		return fmt.Errorf("%s and %s are of different families", r.Dst, r.Via)
	}
	var link netlink.Link = &netlink.Device{}
	if args["dev"] != "" {
		if link, err = linkByName(args["dev"]); err != nil {
			return err
		}
	}
	route := kernelRoute(link, r)
	if verb == "delete" && !r.Via.IsValid() {
		route.Scope = unix.RT_SCOPE_NOWHERE // whatever it is
	}
	if err := change(route); err != nil {
		return fmt.Errorf("%s route to %s: %w", verb, args["destination"], explain(r.Dst.Addr(), err))
	}
	return nil
}

func linkByName(name string) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return nil, fmt.Errorf("no interface is named %s", name)
	}
	return link, err
}

func abbreviates(word, full string) bool {
	return word != "" && strings.HasPrefix(full, word)
}
