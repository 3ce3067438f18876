package network

import (
	"bytes"
	"errors"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// answer4 is a message of a DHCPv4 server, with the address that it came from: some name
// themselves nowhere else.
type answer4 struct {
	*dhcpv4.DHCPv4
	from netip.Addr
}

// server is the address that a server goes by: that of option 54, which RFC 2131, section 4.3.1,
// demands of it, or else the next server's, or else the one that the message came from.
func (a answer4) server() (netip.Addr, bool) {
	for _, ip := range [][]byte{a.Options.Get(dhcpv4.OptionServerIdentifier), a.ServerIPAddr} {
		if server, ok := hostAddr(ip); ok {
			return server, true
		}
	}
	return hostAddr(a.from.AsSlice())
}

// namesItself tells whether a server says in option 54 who it is.
func (a answer4) namesItself() bool {
	_, ok := hostAddr(a.Options.Get(dhcpv4.OptionServerIdentifier))
	return ok
}

// Where a message (RFC 2131, section 2) has its fields.
const (
	snameField   = 44
	fileField    = 108
	cookieField  = 236
	optionsField = 240
)

var errNoDHCP = errors.New("not a DHCP message")

// parsePacket reads a message as servers really send them: see options4.
func parsePacket(b []byte) (*dhcpv4.DHCPv4, error) {
	if len(b) < optionsField {
		return nil, errNoDHCP
	}
	packet := bytes.Clone(b[:optionsField])
	options := gather(b[optionsField:])
	overload := options.first(dhcpv4.OptionOptionOverload)
	for bit, field := range [][2]int{{fileField, cookieField}, {snameField, fileField}} {
		if overload>>bit&1 == 1 {
			options = append(options, gather(b[field[0]:field[1]])...)
			clear(packet[field[0]:field[1]])
		}
	}
	return dhcpv4.FromBytes(append(options.appendTo(packet), dhcpv4.OptionEnd.Code()))
}

// options4 are options in the order in which RFC 3396, section 5, reads them: those of the
// options field, then those that option 52 says are in the fields file and sname. Parts of one
// option are parts of one value.
type options4 []option4

type option4 struct {
	code  byte
	value []byte
}

// gather reads a field of options. One that is cut off ends the field, and the mark at
// the end may be missing.
func gather(b []byte) options4 {
	var list options4
	for len(b) > 0 && b[0] != dhcpv4.OptionEnd.Code() {
		if b[0] == dhcpv4.OptionPad.Code() {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			break
		}
		end := 2 + int(b[1])
		list = append(list, option4{b[0], b[2:end]})
		b = b[end:]
	}
	return list
}

// first is the first byte of an option, or 0 if it is not there.
func (o options4) first(code dhcpv4.OptionCode) byte {
	for _, option := range o {
		if option.code == code.Code() && len(option.value) > 0 {
			return option.value[0]
		}
	}
	return 0
}

// fixed are the options whose value has one length, in bytes. Servers that send one twice do
// not mean it as two parts of one value.
var fixed = map[byte]int{
	dhcpv4.OptionSubnetMask.Code(): 4, dhcpv4.OptionInterfaceMTU.Code(): 2, dhcpv4.OptionIPAddressLeaseTime.Code(): 4,
	dhcpv4.OptionDHCPMessageType.Code(): 1, dhcpv4.OptionServerIdentifier.Code(): 4,
	dhcpv4.OptionRenewTimeValue.Code(): 4, dhcpv4.OptionRebindingTimeValue.Code(): 4,
}

// appendTo appends the options as they stand in a message, of those of a fixed length the first
// that has it.
func (o options4) appendTo(b []byte) []byte {
	seen := make(map[byte]bool)
	for _, option := range o {
		if length, ok := fixed[option.code]; ok {
			if seen[option.code] || len(option.value) != length {
				continue
			}
			seen[option.code] = true
		}
		b = append(append(b, option.code, byte(len(option.value))), option.value...)
	}
	return b
}
