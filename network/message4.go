package network

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"
)

// message4 is a message between a DHCPv4 client and a server (RFC 2131, section 2).
type message4 struct {
	reply       bool // from a server
	transaction uint32
	seconds     uint16 // since the client began
	broadcast   bool   // the answer is to go to all
	client      netip.Addr
	your        netip.Addr
	next        netip.Addr // the next server's
	hardware    net.HardwareAddr
	options     map[byte][]byte

	from netip.Addr // where it came from: some servers name themselves nowhere else
}

// Numbers of options, with the section of RFC 2132 or the document that describes them.
const (
	optMask        = 1   // 3.3
	optRouters     = 3   // 3.5
	optDNS         = 6   // 3.8
	optHostname    = 12  // 3.14
	optDomain      = 15  // 3.17
	optMTU         = 26  // 5.1
	optClassful    = 33  // 5.8
	optTimeServers = 42  // 8.3
	optAddress     = 50  // 9.1
	optLeaseTime   = 51  // 9.2
	optOverload    = 52  // 9.3
	optKind        = 53  // 9.6
	optServer      = 54  // 9.7
	optRequested   = 55  // 9.8
	optLargest     = 57  // 9.10
	optRenewal     = 58  // 9.11
	optRebinding   = 59  // 9.12
	optVendorClass = 60  // 9.13
	optClientID    = 61  // 9.14
	optUserClass   = 77  // RFC 3004
	optFQDN        = 81  // RFC 4702
	optSearch      = 119 // RFC 3397
	optClassless   = 121 // RFC 3442
	optMicrosoft   = 249 // [MS-DHCPE], section 2.2.8: the same as 121
	optPad         = 0
	optEnd         = 255
)

// Kinds of messages (RFC 2132, section 9.6).
const (
	discover4 = 1
	offer4    = 2
	request4  = 3
	ack4      = 5
	nak4      = 6
)

// Where a message has its fields.
const (
	snameField   = 44
	fileField    = 108
	cookieField  = 236
	optionsField = 240
)

const cookie = "\x63\x82\x53\x63"

var errNoDHCP = errors.New("not a DHCP message")

// newMessage4 is a client's message of a kind, of a transaction of its own.
func newMessage4(kind byte, hardware net.HardwareAddr) *message4 {
	return &message4{transaction: rand.Uint32(), hardware: hardware, options: map[byte][]byte{optKind: {kind}}}
}

func (m *message4) kind() byte {
	if kind := m.options[optKind]; len(kind) == 1 {
		return kind[0]
	}
	return 0
}

// server is the address that a server goes by: that of option 54, which RFC 2131, section 4.3.1,
// demands of it, or else the next server's, or else the one that the message came from.
func (m *message4) server() (netip.Addr, bool) {
	if server, ok := hostAddr(m.options[optServer]); ok {
		return server, true
	}
	if server, ok := hostAddr(m.next.AsSlice()); ok {
		return server, true
	}
	return hostAddr(m.from.AsSlice())
}

// namesItself tells whether a server says in option 54 who it is.
func (m *message4) namesItself() bool {
	_, ok := hostAddr(m.options[optServer])
	return ok
}

// duration is what an option of seconds says, or another where it is not there.
func (m *message4) duration(code byte, other time.Duration) time.Duration {
	if value := m.options[code]; len(value) == 4 {
		return time.Duration(binary.BigEndian.Uint32(value)) * time.Second
	}
	return other
}

// bytes writes a client's message, the kind first, because some servers look for it there, and in
// the length that BOOTP's relays expect at least.
func (m *message4) bytes() []byte {
	const request, ethernet, shortest = 1, 1, 300
	b := make([]byte, optionsField, shortest)
	b[0], b[1], b[2] = request, ethernet, byte(len(m.hardware))
	binary.BigEndian.PutUint32(b[4:], m.transaction)
	binary.BigEndian.PutUint16(b[8:], m.seconds)
	if m.broadcast {
		b[10] = 0x80
	}
	copy(b[12:16], m.client.AsSlice())
	copy(b[28:snameField], m.hardware)
	copy(b[cookieField:], cookie)
	b = appendOption(b, optKind, m.options[optKind])
	for code := range byte(optEnd) {
		if value, ok := m.options[code]; ok && code != optKind {
			b = appendOption(b, code, value)
		}
	}
	b = append(b, optEnd)
	return append(b, make([]byte, max(0, shortest-len(b)))...)
}

// appendOption writes an option, one that is too long in parts (RFC 3396).
func appendOption(b []byte, code byte, value []byte) []byte {
	for len(value) > 255 {
		b = append(append(b, code, 255), value[:255]...)
		value = value[255:]
	}
	return append(append(b, code, byte(len(value))), value...)
}

// parseMessage4 reads a message as servers really send it. Options are read in the order of
// RFC 3396, section 5: those of the options field, then those that option 52 says are in the fields file
// and sname. Parts of one option are parts of one value.
func parseMessage4(b []byte) (*message4, error) {
	if len(b) < optionsField || string(b[cookieField:optionsField]) != cookie {
		return nil, errNoDHCP
	}
	m := &message4{
		reply:       b[0] == 2,
		transaction: binary.BigEndian.Uint32(b[4:]),
		client:      netip.AddrFrom4([4]byte(b[12:])),
		your:        netip.AddrFrom4([4]byte(b[16:])),
		next:        netip.AddrFrom4([4]byte(b[20:])),
		hardware:    slices.Clone(b[28 : 28+min(b[2], 16)]),
		options:     make(map[byte][]byte),
	}
	m.gather(b[optionsField:])
	overload := byte(0)
	if value := m.options[optOverload]; len(value) == 1 {
		overload = value[0]
	}
	if overload&1 != 0 {
		m.gather(b[fileField:cookieField])
	}
	if overload&2 != 0 {
		m.gather(b[snameField:fileField])
	}
	return m, nil
}

// fixed are the options whose value has one length, in bytes. Servers that send one twice do
// not mean it as two parts of one value: the first that has that length counts.
var fixed = map[byte]int{
	optMask: 4, optMTU: 2, optLeaseTime: 4, optOverload: 1, optKind: 1, optServer: 4, optRenewal: 4, optRebinding: 4,
}

// gather reads a field of options. One that is cut off ends the field, and the mark at
// the end may be missing.
func (m *message4) gather(b []byte) {
	for len(b) > 0 && b[0] != optEnd {
		if b[0] == optPad {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return
		}
		code, value := b[0], b[2:2+int(b[1])]
		b = b[2+len(value):]
		length, isFixed := fixed[code]
		if !isFixed || len(value) == length && m.options[code] == nil {
			m.options[code] = append(m.options[code], value...)
		}
	}
}
