package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Iface is what one value of b2c.iface= asks for:
//
//	NAME[,auto|dhcp][,address=CIDR]…[,gateway=IP]…[,route=DST:GW]…[,nameserver=IP]…[,forward]
type Iface struct {
	Name      string
	Auto      bool           // DHCP and IPv6 router advertisements
	Addresses []netip.Prefix // an address without a length is the host alone, as in ip-address(8)
	Routes    []Route        // one to everywhere for each gateway, at most one a family
	DNS       []netip.Addr
	Forward   bool     // the machine forwards packets, IPv4 and IPv6
	Unknown   []string // words whose key is none of ifaceKeys
}

// ifaceKeys are the keys of b2c.iface=, as a person reads them.
const ifaceKeys = "auto, dhcp, address=, gateway=, route=, nameserver= and forward"

// ParseIface parses one value of b2c.iface=. An error names the word at fault. Words with an unknown
// key are no error, as boot2container goes on without them.
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
	return f, nil
}

func (f *Iface) parseWord(word string) error {
	key, value, hasValue := strings.Cut(word, "=")
	switch key {
	case "auto", "dhcp", "forward":
		if hasValue {
			return fmt.Errorf("%s takes no value", key)
		}
		f.Auto = f.Auto || key != "forward"
		f.Forward = f.Forward || key == "forward"
	case "address":
		a, err := parseHostPrefix(value)
		if err != nil {
			return err
		}
		f.Addresses = append(f.Addresses, a)
	case "gateway":
		via, err := parseAddr(value)
		if err != nil {
			return err
		}
		return f.addRoute(defaultRoute(via))
	case "route":
		r, err := parseRoute(value)
		if err != nil {
			return err
		}
		return f.addRoute(r)
	case "nameserver":
		a, err := parseAddr(value)
		if err != nil {
			return err
		}
		f.DNS = append(f.DNS, a)
	default:
		f.Unknown = append(f.Unknown, word)
	}
	return nil
}

func (f *Iface) addRoute(r Route) error {
	if slices.ContainsFunc(f.Routes, func(o Route) bool { return o.Dst == r.Dst }) {
		return fmt.Errorf("a second route to %s", r.Dst)
	}
	f.Routes = append(f.Routes, r)
	return nil
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
