package network

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"bootrc/kit/command"
	"bootrc/kit/order"
)

// shownLink is an interface with what the library leaves out.
type shownLink struct {
	*netlink.LinkAttrs
	qdisc     string
	address   []byte // also where it is all zeros
	broadcast []byte
	mode      byte
}

// shownLinks are all interfaces, or the one that dev names, in the kernel's order.
func shownLinks(dev string) ([]shownLink, error) {
	request := nl.NewNetlinkRequest(unix.RTM_GETLINK, unix.NLM_F_DUMP)
	request.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	messages, err := request.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWLINK)
	if err != nil {
		return nil, fmt.Errorf("list the interfaces: %w", err)
	}
	var links []shownLink
	for _, m := range messages {
		link, err := newShownLink(m)
		if err != nil {
			return nil, fmt.Errorf("list the interfaces: %w", err)
		}
		if dev == "" || link.Name == dev {
			links = append(links, link)
		}
	}
	if len(links) == 0 && dev != "" {
		return nil, fmt.Errorf("no interface is named %s; there %s", dev, interfaces())
	}
	return links, nil
}

func newShownLink(message []byte) (shownLink, error) {
	link, err := netlink.LinkDeserialize(nil, message)
	if err != nil {
		return shownLink{}, err
	}
	attrs, err := nl.ParseRouteAttr(message[unix.SizeofIfInfomsg:])
	if err != nil {
		return shownLink{}, err
	}
	shown := shownLink{LinkAttrs: link.Attrs()}
	for _, a := range attrs {
		switch a.Attr.Type {
		case unix.IFLA_QDISC:
			shown.qdisc = strings.TrimRight(string(a.Value), "\x00")
		case unix.IFLA_ADDRESS:
			shown.address = a.Value
		case unix.IFLA_BROADCAST:
			shown.broadcast = a.Value
		case unix.IFLA_LINKMODE:
			shown.mode = a.Value[0]
		}
	}
	return shown, nil
}

// showArgs reads [dev] DEV.
func (ip *ipCall) showArgs() (dev string, err error) {
	args, err := ip.named("dev", "dev")
	return args["dev"], err
}

func (ip *ipCall) showLinks() error {
	dev, err := ip.showArgs()
	if err != nil {
		return err
	}
	links, err := shownLinks(dev)
	if err != nil {
		return err
	}
	for _, l := range links {
		if ip.brief {
			ip.Printf("%-16s %-14s %s <%s> \n", l.title(links), l.state(), hardware(l.address), l.flags())
			continue
		}
		modes := map[byte]string{0: "DEFAULT", 1: "DORMANT"}
		l.write(ip.Stdout, links, " mode "+modes[l.mode])
		l.writeHardware(ip.Stdout)
	}
	return nil
}

func (ip *ipCall) showAddrs() error {
	dev, err := ip.showArgs()
	if err != nil {
		return err
	}
	links, err := shownLinks(dev)
	if err != nil {
		return err
	}
	addrs, err := netlink.AddrList(nil, ip.family)
	if err != nil {
		return fmt.Errorf("list the addresses: %w", err)
	}
	for _, l := range links {
		mine := slices.DeleteFunc(slices.Clone(addrs), func(a netlink.Addr) bool { return a.LinkIndex != l.Index })
		order.By(mine, func(a, b netlink.Addr) int { return cmp.Compare(familyOf(a), familyOf(b)) })
		switch {
		case len(mine) == 0 && ip.family != netlink.FAMILY_ALL:
		case ip.brief:
			ip.Printf("%-16s %-14s ", l.title(links), l.state())
			for _, a := range mine {
				ip.Printf("%s ", prefix(a.IPNet))
			}
			ip.Printf("\n")
		default:
			l.write(ip.Stdout, links, "")
			if ip.family == netlink.FAMILY_ALL {
				l.writeHardware(ip.Stdout)
			}
			for _, a := range mine {
				writeAddr(ip.Call, a, l.Name)
			}
		}
	}
	return nil
}

func familyOf(a netlink.Addr) int { return nl.GetIPFamily(a.IP) }

// write writes the line that describes a link.
func (l shownLink) write(w io.Writer, links []shownLink, mode string) {
	fmt.Fprintf(w, "%d: %s: <%s> mtu %d", l.Index, l.title(links), l.flags(), l.MTU)
	if l.qdisc != "" {
		fmt.Fprintf(w, " qdisc %s", l.qdisc)
	}
	for _, master := range links {
		if master.Index == l.MasterIndex {
			fmt.Fprintf(w, " master %s", master.Name)
		}
	}
	group := "default"
	if l.Group != 0 {
		group = fmt.Sprint(l.Group)
	}
	fmt.Fprintf(w, " state %s%s group %s", l.state(), mode, group)
	if l.TxQLen > 0 {
		fmt.Fprintf(w, " qlen %d", l.TxQLen)
	}
	fmt.Fprintln(w)
}

// writeHardware writes the lines below: of what kind the link is, and its other
// names.
func (l shownLink) writeHardware(w io.Writer) {
	fmt.Fprintf(w, "    link/%s", l.EncapType)
	if len(l.address) > 0 {
		fmt.Fprintf(w, " %s brd %s", hardware(l.address), hardware(l.broadcast))
	}
	if l.NetNsID >= 0 {
		fmt.Fprintf(w, " link-netnsid %d", l.NetNsID)
	}
	fmt.Fprintln(w)
	for _, other := range l.AltNames {
		fmt.Fprintf(w, "    altname %s\n", other)
	}
}

// title is the link's name, and after an @ the link that it sits on.
func (l shownLink) title(links []shownLink) string {
	if l.ParentIndex == 0 {
		return l.Name
	}
	if l.NetNsID < 0 {
		for _, parent := range links {
			if parent.Index == l.ParentIndex {
				return l.Name + "@" + parent.Name
			}
		}
	}
	return fmt.Sprintf("%s@if%d", l.Name, l.ParentIndex)
}

// state is the operational state of RFC 2863, in the kernel's numbering.
func (l shownLink) state() string {
	states := [...]string{"UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"}
	if int(l.OperState) < len(states) {
		return states[l.OperState]
	}
	return fmt.Sprintf("%#x", int(l.OperState))
}

// flags are the flags of netdevice(7), in ip's order.
func (l shownLink) flags() string {
	var words []string
	if l.RawFlags&unix.IFF_UP != 0 && l.RawFlags&unix.IFF_RUNNING == 0 {
		words = append(words, "NO-CARRIER")
	}
	for _, f := range []struct {
		bit  uint32
		name string
	}{
		{unix.IFF_LOOPBACK, "LOOPBACK"}, {unix.IFF_BROADCAST, "BROADCAST"}, {unix.IFF_POINTOPOINT, "POINTOPOINT"},
		{unix.IFF_MULTICAST, "MULTICAST"}, {unix.IFF_NOARP, "NOARP"}, {unix.IFF_ALLMULTI, "ALLMULTI"},
		{unix.IFF_PROMISC, "PROMISC"}, {unix.IFF_MASTER, "MASTER"}, {unix.IFF_SLAVE, "SLAVE"}, {unix.IFF_DEBUG, "DEBUG"},
		{unix.IFF_DYNAMIC, "DYNAMIC"}, {unix.IFF_AUTOMEDIA, "AUTOMEDIA"}, {unix.IFF_PORTSEL, "PORTSEL"},
		{unix.IFF_NOTRAILERS, "NOTRAILERS"}, {unix.IFF_UP, "UP"}, {unix.IFF_LOWER_UP, "LOWER_UP"},
		{unix.IFF_DORMANT, "DORMANT"}, {unix.IFF_ECHO, "ECHO"},
	} {
		if l.RawFlags&f.bit != 0 {
			words = append(words, f.name)
		}
	}
	return strings.Join(words, ",")
}

func hardware(address []byte) string {
	words := make([]string, len(address))
	for i, b := range address {
		words[i] = fmt.Sprintf("%02x", b)
	}
	return strings.Join(words, ":")
}

// writeAddr writes the two lines that describe an address.
func writeAddr(call *command.Call, a netlink.Addr, dev string) {
	kind, local := "inet6", prefix(a.IPNet).String()
	if familyOf(a) == netlink.FAMILY_V4 {
		kind = "inet"
	}
	if a.Peer != nil && !a.Peer.IP.Equal(a.IP) {
		local = fmt.Sprintf("%s peer %s", a.IP, prefix(a.Peer))
	}
	call.Printf("    %s %s", kind, local)
	if a.Broadcast != nil && kind == "inet" {
		call.Printf(" brd %s", a.Broadcast)
	}
	call.Printf(" scope %s", scope(a.Scope))
	for _, f := range []struct {
		bit, want int
		name      string
	}{
		{unix.IFA_F_SECONDARY, unix.IFA_F_SECONDARY, secondary(kind)}, {unix.IFA_F_DEPRECATED, unix.IFA_F_DEPRECATED, "deprecated"},
		{unix.IFA_F_TENTATIVE, unix.IFA_F_TENTATIVE, "tentative"}, {unix.IFA_F_PERMANENT, 0, "dynamic"},
		{unix.IFA_F_MANAGETEMPADDR, unix.IFA_F_MANAGETEMPADDR, "mngtmpaddr"}, {unix.IFA_F_NODAD, unix.IFA_F_NODAD, "nodad"},
		{unix.IFA_F_OPTIMISTIC, unix.IFA_F_OPTIMISTIC, "optimistic"}, {unix.IFA_F_DADFAILED, unix.IFA_F_DADFAILED, "dadfailed"},
		{unix.IFA_F_NOPREFIXROUTE, unix.IFA_F_NOPREFIXROUTE, "noprefixroute"},
	} {
		if a.Flags&f.bit == f.want {
			call.Printf(" %s", f.name)
		}
	}
	if kind == "inet" {
		call.Printf(" %s", cmp.Or(a.Label, dev))
	}
	call.Printf("\n       valid_lft %s preferred_lft %s\n", remaining(a.ValidLft), remaining(a.PreferedLft))
}

func secondary(kind string) string {
	if kind == "inet" {
		return "secondary"
	}
	return "temporary"
}

func remaining(n int) string {
	if uint32(n) == 0xffffffff {
		return "forever"
	}
	return fmt.Sprintf("%dsec", n)
}

func scope(n int) string {
	switch n {
	case unix.RT_SCOPE_UNIVERSE:
		return "global"
	case unix.RT_SCOPE_SITE:
		return "site"
	case unix.RT_SCOPE_LINK:
		return "link"
	case unix.RT_SCOPE_HOST:
		return "host"
	case unix.RT_SCOPE_NOWHERE:
		return "nowhere"
	}
	return fmt.Sprint(n)
}
