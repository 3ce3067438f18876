package dhcpserver

import (
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// What a server grants that works.
var (
	Address = netip.MustParseAddr("10.77.0.1") // the server's own
	Granted = netip.MustParseAddr("10.77.0.50")
	Router  = netip.MustParseAddr("10.77.0.1")
	DNS     = netip.MustParseAddr("10.77.0.3")
)

// edit changes a message before it is sent.
type edit func(*dhcpv4.DHCPv4)

// grant is the offer or acknowledgement of a server that works, with changes.
func grant(r Request, edits ...edit) *dhcpv4.DHCPv4 {
	kind := dhcpv4.MessageTypeAck
	if r.Kind() == dhcpv4.MessageTypeDiscover {
		kind = dhcpv4.MessageTypeOffer
	}
	m, err := dhcpv4.NewReplyFromRequest(r.DHCPv4,
		dhcpv4.WithMessageType(kind),
		dhcpv4.WithYourIP(Granted.AsSlice()),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(Address.AsSlice())),
		dhcpv4.WithOption(dhcpv4.OptIPAddressLeaseTime(time.Hour)),
		dhcpv4.WithOption(dhcpv4.OptRouter(Router.AsSlice())),
		dhcpv4.WithOption(dhcpv4.OptDNS(DNS.AsSlice())),
		dhcpv4.WithNetmask(net.CIDRMask(24, 32)))
	if err != nil {
		panic(err) // a mistake in the table of kinds
	}
	m.ClientIPAddr = r.ClientIPAddr
	for _, e := range edits {
		e(m)
	}
	return m
}

// refuse is a DHCPNAK of a server.
func refuse(r Request, server netip.Addr) *dhcpv4.DHCPv4 {
	return grant(r, func(m *dhcpv4.DHCPv4) {
		m.Options = dhcpv4.OptionsFromList(dhcpv4.OptMessageType(dhcpv4.MessageTypeNak), dhcpv4.OptServerIdentifier(server.AsSlice()))
		m.YourIPAddr = net.IPv4zero
	})
}

// set gives a message an option.
func set(code uint8, value ...byte) edit {
	return func(m *dhcpv4.DHCPv4) { m.UpdateOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(code), value)) }
}

// without takes options out of a message.
func without(codes ...uint8) edit {
	return func(m *dhcpv4.DHCPv4) {
		for _, c := range codes {
			m.DeleteOption(dhcpv4.GenericOptionCode(c))
		}
	}
}

// by makes another server the message's.
func by(server, granted netip.Addr) edit {
	return func(m *dhcpv4.DHCPv4) {
		m.UpdateOption(dhcpv4.OptServerIdentifier(server.AsSlice()))
		m.YourIPAddr = granted.AsSlice()
	}
}

// Where a message has its fields, in bytes (RFC 2131, section 2).
const (
	snameField   = 44
	fileField    = 108
	optionsField = 240
)

// option writes one, in parts where that is too long for one part.
func option(code byte, value ...byte) []byte {
	var b []byte
	for part := range slices.Chunk(value, 255) {
		b = append(append(b, code, byte(len(part))), part...)
	}
	return b
}

// laidOut is a message whose options stand in the fields that are given, each as it is to stand there.
func laidOut(m *dhcpv4.DHCPv4, options, file, sname []byte) []byte {
	b := m.ToBytes()[:optionsField]
	copy(b[fileField:optionsField-4], file)
	copy(b[snameField:fileField], sname)
	return append(b, options...)
}

// concat joins fields' parts.
func concat(parts ...[]byte) []byte { return slices.Concat(parts...) }

// kindOption is the option that says what a message is.
func kindOption(m *dhcpv4.DHCPv4) []byte { return option(53, byte(m.MessageType())) }

var end = []byte{255}

// basics are the options of grant but for its kind.
func basics() []byte {
	return concat(option(54, 10, 77, 0, 1), option(51, 0, 0, 14, 16), option(1, 255, 255, 255, 0), option(3, 10, 77, 0, 1), option(6, 10, 77, 0, 3))
}
