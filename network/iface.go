package network

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/nearest"
)

// Iface is what one interface is to be: a value of b2c.iface=, or what other systems'
// words say of it (see ParseWords).
type Iface struct {
	Name   string           // or Any, or Booted
	Match  net.HardwareAddr // the card with this address gets the name; nil: the name is the kernel's
	Kind   string           // bond, bridge or vlan, which is made first; "" for a card
	Ports  []string         // the interfaces that a bond or a bridge is made of
	Opts   []string         // OPTION=VALUE of a bond or a bridge, as the kernel's files name them
	VLAN   int              // the number of a VLAN, from 1 to 4094
	Parent string           // the interface that it is on
	Card   Card

	Auto      bool           // DHCP and IPv6 router advertisements
	OnlyIPv6  bool           // of these, those of IPv6
	Addresses []netip.Prefix // an address without a length is the host alone, as in ip-address(8)
	Routes    []Route        // one to everywhere for each gateway, at most one a family
	DNS       []netip.Addr
	Search    []string
	Hostname  string   // of the machine, unless it has one
	Forward   bool     // the machine forwards packets, IPv4 and IPv6
	Unknown   []string // words whose key is none of ifaceKeys
	Bare      []string // addresses that were written without the length of their subnet

	others []string // interfaces that are not meant by Any, because they have a plan of their own
}

// Names that stand for an interface whose own name nobody knows before.
const (
	Any    = "any"    // the first card with an answer or, for a fixed address, with a link
	Booted = "BOOTIF" // the card that the boot loader names by BOOTIF=
)

// Card is how a card is set, where that is not left to its driver.
type Card struct {
	MAC     net.HardwareAddr // nil: its own
	MTU     int              // in bytes; 0: its driver's
	Speed   int              // in Mbit/s; 0: the driver's, or what both ends agree on
	Duplex  string           // half or full; "": as Speed
	Autoneg string           // on or off; "": as it is
}

// ifaceKey is a key of b2c.iface=.
type ifaceKey struct {
	name string
	flag bool // it takes no value
	set  func(f *Iface, value string) error
}

// ifaceKeys are all keys. Those of lists separate their values by |, as b2c.filesystem= does.
var ifaceKeys = []ifaceKey{
	{"auto", true, func(f *Iface, _ string) error { return f.setAuto(false) }},
	{"dhcp", true, func(f *Iface, _ string) error { return f.setAuto(false) }},
	{"auto6", true, func(f *Iface, _ string) error { return f.setAuto(true) }},
	{"address", false, (*Iface).addAddress},
	{"gateway", false, (*Iface).addGateway},
	{"route", false, (*Iface).addRouteTo},
	{"nameserver", false, (*Iface).addServer},
	{"search", false, (*Iface).addSearch},
	{"forward", true, func(f *Iface, _ string) error { f.Forward = true; return nil }},
	{"mtu", false, func(f *Iface, v string) (err error) { f.Card.MTU, err = number(v, 68, 65535); return err }},
	{"mac", false, func(f *Iface, v string) (err error) { f.Card.MAC, err = parseMAC(v); return err }},
	{"speed", false, func(f *Iface, v string) (err error) { f.Card.Speed, err = number(v, 1, 1<<20); return err }},
	{"duplex", false, func(f *Iface, v string) error { return oneOf(&f.Card.Duplex, v, "half", "full") }},
	{"autoneg", false, func(f *Iface, v string) error { return oneOf(&f.Card.Autoneg, v, "on", "off") }},
	{"match", false, func(f *Iface, v string) (err error) { f.Match, err = parseMAC(v); return err }},
	{"bond", false, func(f *Iface, v string) error { return f.joins("bond", strings.Split(v, "|")) }},
	{"bridge", false, func(f *Iface, v string) error { return f.joins("bridge", strings.Split(v, "|")) }},
	{"vlan", false, (*Iface).setVLAN},
	{"opts", false, func(f *Iface, v string) error { return f.addOpts(strings.Split(v, "|")) }},
}

// meantKey asks for the key that was misspelt.
func meantKey(word string) string {
	var names []string
	for _, k := range ifaceKeys {
		names = append(names, k.name)
	}
	name, _, _ := strings.Cut(word, "=")
	return nearest.Question(name, names)
}

// knownKeys are the keys as a person reads them.
func knownKeys() string {
	words := make([]string, len(ifaceKeys))
	for i, k := range ifaceKeys {
		words[i] = k.name
		if !k.flag {
			words[i] += "="
		}
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// ParseIface parses one value of b2c.iface=: NAME[,KEY[=VALUE]]…. An error names the word at
// fault. Words with an unknown key are no error, as boot2container goes on without them.
func ParseIface(spec string) (*Iface, error) {
	name, rest, _ := strings.Cut(spec, ",")
	if err := checkDevice(name); err != nil {
		return nil, fmt.Errorf("interface %q: %w", spec, err)
	}
	f := &Iface{Name: name}
	for word := range strings.SplitSeq(rest, ",") {
		if word == "" {
			continue
		}
		if err := f.parseWord(word); err != nil {
			return nil, fmt.Errorf("interface %s: %s: %w", name, word, err)
		}
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	return f, nil
}

func (f *Iface) parseWord(word string) error {
	name, value, hasValue := strings.Cut(word, "=")
	i := slices.IndexFunc(ifaceKeys, func(k ifaceKey) bool { return k.name == name })
	switch {
	case i < 0:
		f.Unknown = append(f.Unknown, word)
		return nil
	case ifaceKeys[i].flag && hasValue:
		return fmt.Errorf("%s takes no value", name)
	}
	return ifaceKeys[i].set(f, value)
}

// check finds what no single word shows.
func (f *Iface) check() error {
	placeholder := f.Name == Any || f.Name == Booted
	switch {
	case placeholder && (f.Kind != "" || f.Match != nil):
		return fmt.Errorf("%s names a card that is there: give a bond, a bridge, a VLAN or match= a name of its own", f.Name)
	case f.Kind != "" && f.Match != nil:
		return fmt.Errorf("match= is for cards, and this is a %s", f.Kind)
	case len(f.Opts) > 0 && f.Kind != "bond" && f.Kind != "bridge":
		return fmt.Errorf("opts=%s: options are a bond's or a bridge's", strings.Join(f.Opts, "|"))
	case slices.Contains(f.Ports, f.Name) || f.Parent == f.Name:
		return fmt.Errorf("it cannot be made of itself")
	}
	return nil
}

func (f *Iface) setAuto(only6 bool) error {
	f.OnlyIPv6 = only6 && (f.OnlyIPv6 || !f.Auto)
	f.Auto = true
	return nil
}

func (f *Iface) addAddress(value string) error {
	a, err := parseHostPrefix(value)
	if !strings.Contains(value, "/") {
		f.Bare = append(f.Bare, value)
	}
	f.Addresses = append(f.Addresses, a)
	return err
}

// usualLength is the prefix length that most subnets of an address's family have.
func usualLength(address string) string {
	if strings.Contains(address, ":") {
		return "64"
	}
	return "24"
}

func (f *Iface) addGateway(value string) error {
	via, err := parseAddr(value)
	if err != nil {
		return err
	}
	return f.addRoute(defaultRoute(via))
}

func (f *Iface) addRouteTo(value string) error {
	r, err := parseRoute(value)
	if err != nil {
		return err
	}
	return f.addRoute(r)
}

func (f *Iface) addRoute(r Route) error {
	if slices.ContainsFunc(f.Routes, func(o Route) bool { return o.Dst == r.Dst }) {
		return fmt.Errorf("a second route to %s", r.Dst)
	}
	f.Routes = append(f.Routes, r)
	return nil
}

func (f *Iface) addServer(value string) error {
	a, err := parseAddr(value)
	f.DNS = append(f.DNS, a)
	return err
}

func (f *Iface) addSearch(value string) error {
	f.Search = append(f.Search, value)
	return checkDomain(value)
}

// joins makes the interface a bond or a bridge of others.
func (f *Iface) joins(kind string, ports []string) error {
	f.Ports = ports
	for _, p := range ports {
		if err := checkDevice(p); err != nil {
			return err
		}
	}
	return f.setKind(kind)
}

// setVLAN parses NUMBER:INTERFACE.
func (f *Iface) setVLAN(value string) (err error) {
	id, parent, ok := strings.Cut(value, ":")
	if !ok {
		return fmt.Errorf("%q is not NUMBER:INTERFACE, such as 5:eth0", value)
	}
	if f.VLAN, err = number(id, 1, 4094); err != nil {
		return err
	}
	f.Parent = parent
	if err := checkDevice(parent); err != nil {
		return err
	}
	return f.setKind("vlan")
}

func (f *Iface) setKind(kind string) error {
	if f.Kind != "" {
		return fmt.Errorf("it is a %s already", f.Kind)
	}
	f.Kind = kind
	return nil
}

// addOpts takes options of a bond or a bridge. Their names are files of the kernel's.
func (f *Iface) addOpts(opts []string) error {
	for _, o := range opts {
		name, value, _ := strings.Cut(o, "=")
		bad := strings.ContainsFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
		if name == "" || value == "" || bad {
			return fmt.Errorf("%q is not OPTION=VALUE, such as mode=active-backup", o)
		}
	}
	f.Opts = append(f.Opts, opts...)
	return nil
}

// number parses a whole number within bounds.
func number(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is no number from %d to %d", text, least, most)
	}
	return n, nil
}

func oneOf(to *string, value string, words ...string) error {
	if !slices.Contains(words, value) {
		return fmt.Errorf("expected %s, got %q", strings.Join(words, " or "), value)
	}
	*to = value
	return nil
}

// parseMAC parses the hardware address of an Ethernet card: 52:54:00:12:34:56, or with - between.
func parseMAC(text string) (net.HardwareAddr, error) {
	mac, err := net.ParseMAC(text)
	if err != nil || len(mac) != 6 {
		return nil, fmt.Errorf("%q is no hardware address, such as 52:54:00:12:34:56", text)
	}
	return mac, nil
}

// parseAddr parses an address that may stand in brackets.
func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(unbracket(s))
	if err != nil {
		return a, fmt.Errorf("%q is no IP address", s)
	}
	if a = a.Unmap(); a.Zone() != "" {
		return a, fmt.Errorf("%q: an address with a zone is not possible here", s)
	}
	return a, nil
}

// parseHostPrefix parses the address of a host with the length of its subnet.
func parseHostPrefix(s string) (netip.Prefix, error) {
	p, err := parsePrefix(s)
	if err == nil && (p.Addr().IsUnspecified() || p.Addr().IsMulticast()) {
		err = fmt.Errorf("%s is not the address of one host", p.Addr())
	}
	return p, err
}

// parsePrefix parses ADDRESS/LENGTH, where [ADDRESS/LENGTH] and
// [ADDRESS]/LENGTH do as well, and ADDRESS is one host.
func parsePrefix(s string) (netip.Prefix, error) {
	bare := unbracket(s)
	if addr, length, ok := strings.Cut(bare, "/"); ok {
		bare = unbracket(addr) + "/" + length
	} else if a, err := netip.ParseAddr(bare); err == nil {
		bare += fmt.Sprintf("/%d", a.BitLen())
	}
	p, err := netip.ParsePrefix(bare)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%q is not ADDRESS/LENGTH, such as 192.0.2.7/24", s)
	}
	return p, nil
}

func unbracket(s string) string {
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		return s[1 : len(s)-1]
	}
	return s
}
