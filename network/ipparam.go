package network

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// IPParam is the kernel's ip= parameter
// (Documentation/admin-guide/nfs/nfsroot.rst):
//
//	ip=CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1:NTP0
//	ip=dhcp|on|any|both|bootp|rarp|off|none
//
// IPv6 addresses stand in brackets, and NETMASK may be the length of a prefix,
// as in dracut.cmdline(7).
type IPParam struct {
	Client   netip.Prefix // not valid if not given
	Server   netip.Addr
	Gateway  netip.Addr
	Hostname string
	Device   string // "" for whichever is there
	Auto     bool   // no client address: ask by DHCP
	DNS      []netip.Addr
	NTP      netip.Addr
}

// fieldNames name the fields in errors, in their order.
var fieldNames = [...]string{"client-ip", "server-ip", "gw-ip", "netmask", "hostname", "device", "autoconf", "dns0-ip", "dns1-ip", "ntp0-ip"}

const (
	fieldClient = iota
	fieldServer
	fieldGateway
	fieldNetmask
	fieldHostname
	fieldDevice
	fieldAutoconf
	fieldDNS0
	fieldDNS1
	fieldNTP
)

// ParseIPParam parses what follows ip=. As in the kernel, an address that is
// given wins over any word for autoconfiguration, and each of these words but
// off and none asks for an address: all of them by DHCP, since nothing serves
// only BOOTP or RARP any more. An error names the field at fault.
func ParseIPParam(value string) (*IPParam, error) {
	fields, err := splitFields(value)
	if err != nil {
		return nil, fmt.Errorf("ip=%s: %w", value, err)
	}
	if len(fields) == 1 {
		if p, err := parseWord(value); p != nil || err != nil {
			return p, err
		}
	}
	p := IPParam{Auto: true}
	for i, f := range fields {
		if f == "" || i == fieldNetmask {
			continue
		}
		if err := p.setField(i, f); err != nil {
			return nil, fmt.Errorf("ip=%s: %s: %w", value, fieldNames[i], err)
		}
	}
	if err := p.setNetmask(fields); err != nil {
		return nil, fmt.Errorf("ip=%s: %s: %w", value, fieldNames[fieldNetmask], err)
	}
	if p.Client.IsValid() {
		p.Auto = false
		if g := p.Gateway; g.IsValid() && g.Is4() != p.Client.Addr().Is4() {
			return nil, fmt.Errorf("ip=%s: %s: %s is not of the family of %s", value, fieldNames[fieldGateway], g, p.Client.Addr())
		}
	}
	return &p, nil
}

// parseWord parses a value without colons: a word for autoconfiguration, or
// nothing, which is off. It returns nil, nil for an address.
func parseWord(value string) (*IPParam, error) {
	auto, err := parseAutoconf(value)
	if err == nil {
		return &IPParam{Auto: auto && value != ""}, nil
	}
	if _, addrErr := parseAddr(value); addrErr == nil {
		return nil, nil
	}
	return nil, fmt.Errorf("ip=%s: no IP address, and %w", value, err)
}

// splitFields splits at the colons that stand outside brackets.
func splitFields(value string) ([]string, error) {
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
	if len(fields) > len(fieldNames) {
		return nil, fmt.Errorf("%d fields, and at most %d are possible (IPv6 addresses stand in brackets)", len(fields), len(fieldNames))
	}
	return fields, nil
}

func (p *IPParam) setField(i int, text string) (err error) {
	switch i {
	case fieldHostname:
		p.Hostname = text
		return checkDomain(text)
	case fieldDevice:
		p.Device = text
		return checkDevice(text)
	case fieldAutoconf:
		p.Auto, err = parseAutoconf(text)
		return err
	}
	a, err := parseAddr(text)
	if err != nil || a.IsUnspecified() { // 0.0.0.0 is the kernel's "not given"
		return err
	}
	switch i {
	case fieldClient:
		if a.IsMulticast() {
			return fmt.Errorf("%s is not the address of one host", a)
		}
		p.Client = netip.PrefixFrom(a, classLength(a))
	case fieldServer:
		p.Server = a
	case fieldGateway:
		p.Gateway = a
	case fieldDNS0, fieldDNS1:
		p.DNS = append(p.DNS, a)
	case fieldNTP:
		p.NTP = a
	}
	return nil
}

// setNetmask applies the netmask's field, which needs the client's address.
func (p *IPParam) setNetmask(fields []string) error {
	if len(fields) <= fieldNetmask || fields[fieldNetmask] == "" {
		return nil
	}
	text := fields[fieldNetmask]
	limit := 128
	if a := p.Client.Addr(); !a.IsValid() || a.Is4() {
		limit = 32
	}
	length, err := strconv.Atoi(text)
	if err != nil && limit == 32 {
		if length, err = maskLength(text); err != nil {
			return err
		}
	}
	if err != nil || length < 1 || length > limit {
		return fmt.Errorf("%q is neither a netmask nor a prefix length from 1 to %d", text, limit)
	}
	if p.Client.IsValid() {
		p.Client = netip.PrefixFrom(p.Client.Addr(), length)
	}
	return nil
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

// parseAutoconf tells whether a word of the kernel's asks for an address.
func parseAutoconf(word string) (bool, error) {
	switch word {
	case "dhcp", "on", "any", "both", "bootp", "rarp", "":
		return true, nil
	case "off", "none":
		return false, nil
	}
	return false, fmt.Errorf("%q: expected dhcp, on, any, both, bootp, rarp, off or none", word)
}
