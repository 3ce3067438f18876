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

// ipCall is one call of a verb of the ip command (ip(8)).
type ipCall struct {
	*command.Call
	family int // netlink.FAMILY_ALL, _V4 or _V6
	brief  bool
	words  []string // what is not yet read
}

// ipCommand is a small ip(8): objects and verbs may be abbreviated as there.
func ipCommand() command.Command {
	show := func(what string, run func(*ipCall) error) command.Command {
		return command.Command{
			Name: "show", Summary: "show the " + what + " of all interfaces, or of DEV", Operands: "[dev] [DEV]",
			Forms: []string{"[[dev] DEV]"}, Run: ipVerb(run),
		}
	}
	object := func(name, summary string, verbs ...command.Command) command.Command {
		return command.Command{Name: name, Summary: summary, Verbs: verbs, Abbreviated: true, Rewrite: listShows, Run: verbs[0].Run}
	}
	return command.Command{
		Name: "ip", Summary: "show or change interfaces, addresses and routes, and show neighbours", Abbreviated: true,
		Forms:   []string{"[-4|-6] [-br] OBJECT [VERB [WORD…]]"},
		Text:    "All words can be abbreviated: ip a, ip r add. Without a verb, ip shows.",
		Options: append(familyOptions(), command.Option{Names: "-br, -brief", Help: "show one line for each interface"}),
		Verbs: []command.Command{
			object("address", "show or change addresses", show("addresses", (*ipCall).showAddrs),
				command.Command{Name: "add", Summary: "give an interface an address", Operands: "CIDR dev DEV", Run: ipVerb((*ipCall).addAddr)},
				command.Command{Name: "delete", Summary: "take an address from an interface", Operands: "CIDR dev DEV", Run: ipVerb((*ipCall).deleteAddr)}),
			object("link", "show interfaces, switch them on or off", show("state", (*ipCall).showLinks),
				command.Command{Name: "set", Summary: "switch an interface on or off", Operands: "DEV STATE [STATE]",
					Forms: []string{"[dev] DEV up|down"}, Run: ipVerb((*ipCall).setLink)}),
			object("route", "show or change routes", show("routes", (*ipCall).showRoutes),
				command.Command{Name: "add", Summary: "add a route by a router, by an interface, or by both", Operands: "DST [WORD…]",
					Forms: []string{"DST [via IP] [dev DEV]"}, Run: ipVerb((*ipCall).addRoute)},
				command.Command{Name: "delete", Summary: "delete a route", Operands: "DST [WORD…]",
					Forms: []string{"DST [via IP] [dev DEV]"}, Run: ipVerb((*ipCall).deleteRoute)},
				command.Command{Name: "get", Summary: "say by which way an address is reached", Operands: "IP", Run: ipVerb((*ipCall).getRoute)}),
			object("neighbour", "show who answers on the links", show("neighbours", (*ipCall).showNeighbours)),
		},
		Examples: []string{"ip -br address", "ip route add default via 192.0.2.1"},
	}
}

// listShows turns the verb list, or ls, into show, which is the same.
func listShows(args []string) []string {
	if len(args) > 0 && (abbreviates(args[0], "list") || args[0] == "ls") {
		return append([]string{"show"}, args[1:]...)
	}
	return args
}

func ipVerb(run func(*ipCall) error) func(context.Context, *command.Call) error {
	return func(_ context.Context, call *command.Call) error {
		number, err := family(call)
		if err != nil {
			return err
		}
		families := map[int]int{0: netlink.FAMILY_ALL, 4: netlink.FAMILY_V4, 6: netlink.FAMILY_V6}
		return run(&ipCall{call, families[number], call.Flag("br"), call.Args})
	}
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
			return nil, command.Usagef("unexpected %q", value)
		}
		if value == "" {
			return nil, command.Usagef("expected a value after %s", name)
		}
		if values[name] != "" {
			return nil, command.Usagef("expected one %s, got %s and %s", name, values[name], value)
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
		return command.Usagef("expected an interface, and up or down")
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
		return nil, netip.Prefix{}, command.Usagef("expected an address and dev DEV")
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
		return command.Usagef("expected a destination, and via IP or dev DEV")
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
		return nil, fmt.Errorf("no interface is named %s; there %s", name, interfaces())
	}
	return link, err
}

func abbreviates(word, full string) bool {
	return word != "" && strings.HasPrefix(full, word)
}
