package network

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// The fields of the kernel's ip= (Documentation/admin-guide/nfs/nfsroot.rst), in their order.
// dracut has an MTU and a hardware address where the kernel has servers.
const (
	fieldClient = iota
	fieldServer
	fieldGateway
	fieldNetmask
	fieldHostname
	fieldDevice
	fieldAutoconf
	fieldDNS0 // or an MTU
	fieldDNS1 // or a hardware address, whose colons are those of fields
	fieldNTP
	mostFields = fieldDNS1 + 6
)

// fieldNames name the fields in errors.
var fieldNames = [...]string{"client-ip", "server-ip", "gw-ip", "netmask", "hostname", "device", "autoconf", "dns0-ip", "dns1-ip", "ntp0-ip"}

// addIP understands a value of ip=, in any of these forms:
//
//	AUTOCONF
//	INTERFACE:AUTOCONF[:[MTU][:MAC]]
//	CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:INTERFACE:AUTOCONF:DNS0:DNS1:NTP0
//	CLIENT:PEER:GATEWAY:NETMASK:HOSTNAME:INTERFACE:AUTOCONF:[MTU][:MAC]
//
// IPv6 addresses stand in brackets, and NETMASK may be the length of a prefix. INTERFACE may be
// BOOTIF. As in the kernel, an address that is given wins over any word for autoconfiguration, and one of these
// words that asks for IPv4 asks by DHCP, since nothing serves only BOOTP or RARP any more.
func (p *Plan) addIP(value string) error {
	fields, err := splitFields(value, mostFields)
	if err != nil {
		return err
	}
	if len(fields) == 1 {
		if _, err := parseAddr(value); err != nil {
			return p.addWord(value)
		}
	}
	if len(fields) > 1 && fields[1] != "" {
		if auto, err := parseAutoconf(fields[1]); err == nil {
			return p.addInterface(fields[0], auto, fields[2:])
		}
	}
	return p.addFields(append(fields, make([]string, mostFields)...)[:mostFields])
}

// addWord understands an ip= without colons: a word for autoconfiguration, the
// card that was booted from, or nothing, which is off.
func (p *Plan) addWord(value string) error {
	if value == Booted {
		return p.addInterface(value, autoconf{v4: true}, nil)
	}
	auto, err := parseAutoconf(value)
	if err != nil {
		return fmt.Errorf("no IP address, and %w", err)
	}
	if value == "" || auto.off {
		return nil
	}
	return p.addInterface(Any, auto, nil)
}

// addInterface takes in what is asked for an interface without a fixed address.
func (p *Plan) addInterface(name string, auto autoconf, card []string) error {
	f, err := p.iface(name)
	if err != nil {
		return fmt.Errorf("%s: %w", fieldNames[fieldDevice], err)
	}
	p.setAuto(f, auto)
	return f.Card.take(append(card, "", ""))
}

// setAuto has an interface ask for its addresses as a word wants it.
func (p *Plan) setAuto(f *Iface, auto autoconf) {
	if auto.v4 || auto.v6 {
		f.setAuto(!auto.v4)
	}
	if auto.warning != "" {
		p.Warnings = append(p.Warnings, auto.warning)
	}
}

// take reads MTU and MAC, the latter of one field or of six.
func (c *Card) take(fields []string) (err error) {
	if fields[0] != "" {
		if c.MTU, err = parseMTU(fields[0]); err != nil {
			return err
		}
	}
	if text := strings.TrimRight(strings.Join(fields[1:], ":"), ":"); text != "" {
		c.MAC, err = parseMAC(text)
	}
	return err
}

func parseMTU(text string) (int, error) {
	mtu, err := number(text, 68, 65535)
	if err != nil {
		return 0, fmt.Errorf("mtu: %w", err)
	}
	return mtu, nil
}

// addFields takes in the fields of the kernel's form, all of them.
func (p *Plan) addFields(fields []string) error {
	for i := range min(len(fields), fieldDNS0) {
		if err := checkField(i, fields[i]); err != nil {
			return fmt.Errorf("%s: %w", fieldNames[i], err)
		}
	}
	auto, _ := parseAutoconf(fields[fieldAutoconf])
	client, err := parseClient(fields[fieldClient], fields[fieldNetmask])
	if err != nil {
		return fmt.Errorf("%s: %w", fieldNames[fieldNetmask], err)
	}
	if auto.off && !client.IsValid() {
		return nil
	}
	f, err := p.iface(fields[fieldDevice])
	if err != nil {
		return err
	}
	f.Hostname = fields[fieldHostname]
	if client.IsValid() {
		err = f.setClient(client, fields[fieldGateway])
	} else {
		p.setAuto(f, auto)
	}
	if err != nil {
		return err
	}
	return f.takeRest(fields[fieldDNS0:])
}

// setClient takes in a fixed address.
func (f *Iface) setClient(client netip.Prefix, gateway string) error {
	f.Addresses = append(f.Addresses, client)
	via, given := givenAddr(gateway)
	if !given {
		return nil
	}
	if via.Is4() != client.Addr().Is4() {
		return fmt.Errorf("%s: %s is not of the family of %s", fieldNames[fieldGateway], via, client.Addr())
	}
	return f.addRoute(defaultRoute(via))
}

// takeRest reads what stands behind AUTOCONF: servers, or an MTU and a hardware address.
func (f *Iface) takeRest(fields []string) error {
	_, err := strconv.Atoi(fields[0])
	if _, macErr := parseMAC(fields[1]); err == nil || macErr == nil || fields[3] != "" {
		return f.Card.take(fields)
	}
	for i, text := range fields[:3] {
		if err := checkField(fieldDNS0+i, text); err != nil {
			return fmt.Errorf("%s: %w", fieldNames[fieldDNS0+i], err)
		}
		// the server for the time is not ours to ask: that is b2c.ntp_peer=
		if a, given := givenAddr(text); given && fieldDNS0+i != fieldNTP {
			f.DNS = append(f.DNS, a)
		}
	}
	return nil
}

// checkField tells what is wrong with a field.
func checkField(i int, text string) error {
	if text == "" {
		return nil
	}
	switch i {
	case fieldNetmask: // needs the client's address
		return nil
	case fieldHostname:
		return checkDomain(text)
	case fieldDevice:
		return checkDevice(text)
	case fieldAutoconf:
		_, err := parseAutoconf(text)
		return err
	case fieldServer: // dracut's peer may have the length of a prefix
		text, _, _ = strings.Cut(text, "/")
	}
	a, err := parseAddr(text)
	if err == nil && i == fieldClient && a.IsMulticast() {
		err = fmt.Errorf("%s is not the address of one host", a)
	}
	return err
}

// givenAddr is a field's address; 0.0.0.0 is the kernel's "not given".
func givenAddr(text string) (a netip.Addr, given bool) {
	a, err := parseAddr(text)
	return a, err == nil && !a.IsUnspecified()
}

// parseClient is the client's address with its netmask; not valid if it is not given.
func parseClient(client, netmask string) (netip.Prefix, error) {
	a, given := givenAddr(client)
	length, limit := 0, 32
	if given {
		length = classLength(a)
		limit = a.BitLen()
	}
	if netmask != "" {
		var err error
		if length, err = parseNetmask(netmask, limit); err != nil {
			return netip.Prefix{}, err
		}
	}
	if !given {
		return netip.Prefix{}, nil
	}
	return netip.PrefixFrom(a, length), nil
}

// parseNetmask parses a prefix's length up to limit or, of IPv4, a netmask.
func parseNetmask(text string, limit int) (int, error) {
	length, err := strconv.Atoi(text)
	if err != nil && limit == 32 {
		if length, err = maskLength(text); err != nil {
			return 0, err
		}
	}
	if err != nil || length < 1 || length > limit {
		return 0, fmt.Errorf("%q is neither a netmask nor a prefix length from 1 to %d", text, limit)
	}
	return length, nil
}

// maskLength is the number of bits in a netmask such as 255.255.255.0.
func maskLength(text string) (int, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return 0, fmt.Errorf("%q is no netmask", text)
	}
	ones, bits := net.IPMask(a.AsSlice()).Size()
	if bits == 0 {
		return 0, fmt.Errorf("%q is no netmask: its ones are not in one piece", text)
	}
	return ones, nil
}

// classLength is the length of the network of an address whose netmask nobody
// tells: that of its class in IPv4 (RFC 791, section 2.3), 64 in IPv6.
func classLength(a netip.Addr) int {
	if a.Is6() {
		return 64
	}
	switch first := a.As4()[0]; {
	case first < 128:
		return 8
	case first < 192:
		return 16
	default:
		return 24
	}
}

// autoconf is what words for autoconfiguration ask for.
type autoconf struct {
	v4, v6  bool
	off     bool // nothing at all, not even that the interface is up
	warning string
}

// parseAutoconf understands the kernel's and dracut's words; "" asks for DHCP. Several may stand
// with commas between, as in dhcp,dhcp6. Behind dhcp, the kernel also takes the type and the value of a
// client identifier.
func parseAutoconf(text string) (a autoconf, err error) {
	for i, word := range strings.Split(text, ",") {
		switch word {
		case "", "dhcp", "on", "any", "both", "bootp", "rarp", "single-dhcp":
			a.v4 = true
		case "dhcp6", "auto6", "either6": // the router says which it is
			a.v6 = true
		case "link6", "link-local":
		case "off", "none":
			a.off = i == 0
		case "ibft":
			a.v4 = true
			a.warning = "ip=ibft: the firmware's table for iSCSI is not read; going on with DHCP"
		default:
			if _, number := strconv.ParseUint(word, 0, 8); i == 1 && number == nil {
				a.warning = "ip=" + text + ": the client identifier is not taken from there: write b2c.dhcp=client-id="
				return a, nil
			}
			return a, fmt.Errorf("%q: expected dhcp, on, any, both, bootp, rarp, single-dhcp, dhcp6, auto6, either6, link6, link-local, ibft, off or none", word)
		}
	}
	return a, nil
}
