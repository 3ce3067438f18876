package network

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Plan is what a boot's network is to be.
type Plan struct {
	Ifaces   []*Iface // all of them at once
	Names    []Naming
	DNS      []netip.Addr // whatever the interfaces bring
	ByKernel bool         // what it says of addresses, the kernel may have done itself
	Warnings []string
}

// Naming is a name for the card with an address.
type Naming struct {
	Name string
	MAC  net.HardwareAddr
}

// ParseWords understands what dracut.cmdline(7) and the kernel
// (Documentation/admin-guide/nfs/nfsroot.rst) say of a network on the kernel's command line: ip=,
// bond=, vlan=, bridge=, ifname=, nameserver=, rd.route= and rd.neednet=, each as it stands there. A word
// without a name is a value of ip=. Without an ip=, any interface will do.
//
// An error names the word at fault. What can be gone on without is a warning.
func ParseWords(words []string) (*Plan, error) {
	p := &Plan{}
	var routes []string
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		var err error
		switch name {
		case "bond":
			err = p.addBond(value)
		case "bridge":
			err = p.addBridge(value)
		case "vlan":
			err = p.addVLAN(value)
		case "team":
			err = fmt.Errorf("there are no teams here, whose ports a daemon of their own would have to watch: write bond=, with mode=active-backup or mode=802.3ad")
		case "ifname":
			err = p.addName(value)
		case "nameserver":
			var a netip.Addr
			a, err = parseAddr(value)
			p.DNS = append(p.DNS, a)
		case "rd.route":
			routes = append(routes, value)
		case "rd.neednet": // it is always brought up
		default:
			if name != "ip" {
				value, word = word, "ip="+word
			}
			p.ByKernel = true
			err = p.addIP(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", word, err)
		}
	}
	if !p.ByKernel {
		p.Ifaces = append(p.Ifaces, &Iface{Name: Any, Auto: true})
	}
	for _, value := range routes { // only now, when it is known which interfaces there are
		if err := p.addRoute(value); err != nil {
			return nil, fmt.Errorf("rd.route=%s: %w", value, err)
		}
	}
	return p, p.check()
}

func (p *Plan) check() error {
	for _, f := range p.Ifaces {
		if err := f.check(); err != nil {
			return fmt.Errorf("interface %s: %w", f.Name, err)
		}
	}
	return nil
}

// iface is the plan's interface of that name, new if it has none yet.
func (p *Plan) iface(name string) (*Iface, error) {
	if name == "" {
		name = Any
	}
	for _, f := range p.Ifaces {
		if f.Name == name {
			return f, nil
		}
	}
	f := &Iface{Name: name}
	p.Ifaces = append(p.Ifaces, f)
	p.addHardwareName(name)
	return f, checkDevice(name)
}

// addHardwareName has a name such as enx525400123456 mean the card with that address, as where
// udev gives the names.
func (p *Plan) addHardwareName(name string) {
	digits, ok := strings.CutPrefix(name, "enx")
	if !ok || len(digits) != 12 {
		return
	}
	var parts []string
	for pair := range slices.Chunk([]byte(digits), 2) {
		parts = append(parts, string(pair))
	}
	if mac, err := parseMAC(strings.Join(parts, ":")); err == nil {
		p.Names = append(p.Names, Naming{name, mac})
	}
}

// addBond reads NAME[:PORT,PORT…[:OPTION=VALUE,…[:MTU]]].
func (p *Plan) addBond(value string) error {
	fields, err := splitFields(value, 4)
	if err != nil {
		return err
	}
	f, err := p.joined("bond", fields, "bond0", "eth0,eth1")
	if err != nil {
		return err
	}
	opts := []string{"mode=balance-rr"}
	if len(fields) > 2 && fields[2] != "" {
		opts = strings.Split(fields[2], ",")
	}
	if err := f.addOpts(opts); err != nil {
		return err
	}
	if len(fields) > 3 && fields[3] != "" {
		f.Card.MTU, err = parseMTU(fields[3])
	}
	return err
}

// addBridge reads NAME:PORT,PORT….
func (p *Plan) addBridge(value string) error {
	fields, err := splitFields(value, 2)
	if err != nil {
		return err
	}
	_, err = p.joined("bridge", fields, "br0", "eth0")
	return err
}

// joined is the interface of a kind that NAME:PORT,PORT… describes, with what is meant where
// a part is not given.
func (p *Plan) joined(kind string, fields []string, name, ports string) (*Iface, error) {
	if fields[0] != "" {
		name = fields[0]
	}
	if len(fields) > 1 && fields[1] != "" {
		ports = fields[1]
	}
	f, err := p.iface(name)
	if err != nil {
		return nil, err
	}
	return f, f.joins(kind, strings.Split(ports, ","))
}

// addVLAN reads NAME:INTERFACE, where the name ends with the VLAN's number.
func (p *Plan) addVLAN(value string) error {
	name, parent, ok := strings.Cut(value, ":")
	if !ok {
		return fmt.Errorf("%q is not NAME:INTERFACE, such as eth0.5:eth0", value)
	}
	f, err := p.iface(name)
	if err != nil {
		return err
	}
	id := strings.TrimLeft(name[len(strings.TrimRight(name, "0123456789")):], "0")
	return f.setVLAN(id + ":" + parent)
}

// addName reads NAME:MAC.
func (p *Plan) addName(value string) error {
	name, text, _ := strings.Cut(value, ":")
	mac, err := parseMAC(text)
	p.Names = append(p.Names, Naming{name, mac})
	if err == nil {
		err = checkDevice(name)
	}
	return err
}

// addRoute reads SUBNET:GATEWAY[:INTERFACE]. Without an interface, it is the one in whose subnet
// the gateway is or, where nobody knows before, the first.
func (p *Plan) addRoute(value string) error {
	fields, err := splitFields(value, 3)
	if err != nil {
		return err
	}
	fields = append(fields, "", "")[:3]
	r, err := routeOf(fields[0], fields[1])
	if err != nil {
		return err
	}
	if fields[2] == "" && !r.Via.IsValid() {
		return fmt.Errorf("it needs a gateway or an interface")
	}
	f, err := p.way(r.Via, fields[2])
	if err != nil {
		return err
	}
	return f.addRoute(r)
}

// way is the interface that leads to a gateway. A name that no ip= has says which one is meant where
// any would do.
func (p *Plan) way(via netip.Addr, name string) (*Iface, error) {
	first := func(fits func(*Iface) bool) *Iface {
		if i := slices.IndexFunc(p.Ifaces, fits); i >= 0 {
			return p.Ifaces[i]
		}
		return nil
	}
	auto := first(func(f *Iface) bool { return f.Auto })
	known := first(func(f *Iface) bool { return f.Name == name })
	leading := first(func(f *Iface) bool {
		return slices.ContainsFunc(f.Addresses, func(a netip.Prefix) bool { return a.Contains(via) })
	})
	switch {
	case name != "" && known == nil && auto != nil && auto.Name == Any:
		auto.Name = name
		return auto, checkDevice(name)
	case name != "":
		return p.iface(name)
	case leading != nil:
		return leading, nil
	case auto != nil:
		return auto, nil
	}
	return nil, fmt.Errorf("no interface leads to %s: name one behind it", via)
}

// splitFields splits at the colons that stand outside brackets.
func splitFields(value string, most int) ([]string, error) {
	fields := []string{""}
	depth := 0
	for _, c := range []byte(value) {
		last := len(fields) - 1
		switch {
		case c == ':' && depth == 0:
			fields = append(fields, "")
			continue
		case c == '[':
			depth++
		case c == ']':
			depth--
		}
		if depth < 0 || depth > 1 {
			return nil, fmt.Errorf("unpaired bracket")
		}
		fields[last] += string(c)
	}
	if depth != 0 {
		return nil, fmt.Errorf("unpaired bracket")
	}
	if len(fields) > most {
		return nil, fmt.Errorf("%d fields, and at most %d are possible (IPv6 addresses stand in brackets)", len(fields), most)
	}
	return fields, nil
}

// ParseBooted reads what boot loaders put behind BOOTIF=: the card's address, with the
// type of its hardware before it, such as 01-52-54-00-12-34-56, or without. Of "" it is nil.
func ParseBooted(text string) (net.HardwareAddr, error) {
	if text == "" {
		return nil, nil
	}
	const typed = len("01-52-54-00-12-34-56")
	bare := text
	if len(text) == typed {
		bare = text[3:]
	}
	mac, err := parseMAC(bare)
	if err != nil {
		return nil, fmt.Errorf("BOOTIF=%s: expected a hardware address, such as 01-52-54-00-12-34-56", text)
	}
	return mac, nil
}
