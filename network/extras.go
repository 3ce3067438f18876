package network

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Extras is what b2c.dhcp= changes in each message to DHCPv4 servers:
//
//	KEY=VALUE[,KEY=VALUE]…
type Extras struct {
	VendorClass string
	UserClasses []string
	ClientID    []byte // with its type; empty for none at all
	ByDUID      bool   // the identifier is the one of DHCPv6 (RFC 4361)
	Hostname    string // in place of the machine's name
	Address     netip.Addr
	Request     []byte          // numbers of options, beside those that are read
	Options     map[byte][]byte // by their numbers
	Unknown     []string        // words whose key is none of extrasKeys

	hasClientID bool
}

// extrasKeys are the keys of b2c.dhcp=, as a person reads them.
const extrasKeys = "vendor-class, user-class, client-id, hostname, address, request and option"

// ParseExtras parses values of b2c.dhcp=. An error names the word at fault. Words with an unknown
// key are no error, as in b2c.iface=.
func ParseExtras(values []string) (*Extras, error) {
	e := &Extras{Options: make(map[byte][]byte)}
	for _, value := range values {
		for word := range strings.SplitSeq(value, ",") {
			if word == "" {
				continue
			}
			if err := e.parseWord(word); err != nil {
				return nil, fmt.Errorf("DHCP option %q: %w", word, err)
			}
		}
	}
	return e, nil
}

func (e *Extras) parseWord(word string) error {
	key, value, _ := strings.Cut(word, "=")
	if value == "" {
		return fmt.Errorf("expected KEY=VALUE; keys are %s", extrasKeys)
	}
	if len(value) > 255 {
		return fmt.Errorf("%d bytes, and an option holds 255", len(value))
	}
	var err error
	switch key {
	case "vendor-class":
		e.VendorClass = value
	case "user-class":
		e.UserClasses = append(e.UserClasses, value)
	case "client-id":
		e.setClientID(value)
	case "hostname":
		e.Hostname, err = value, checkDomain(value)
	case "address":
		if e.Address, err = parseAddr(value); err == nil && !e.Address.Is4() {
			err = fmt.Errorf("%s is no IPv4 address", value)
		}
	case "request":
		var code byte
		code, err = parseCode(value)
		e.Request = append(e.Request, code)
	case "option":
		number, content, _ := strings.Cut(value, ":")
		var code byte
		code, err = parseCode(number)
		e.Options[code] = bytesOf(content)
	default:
		e.Unknown = append(e.Unknown, word)
	}
	return err
}

// setClientID takes "none", "duid", bytes as 01:52:54:00:12:34:56, or a text.
func (e *Extras) setClientID(value string) {
	e.hasClientID, e.ByDUID, e.ClientID = true, value == "duid", nil
	switch {
	case value == "none" || e.ByDUID:
	case isHex(value):
		e.ClientID = bytesOf(value)
	default:
		const notHardware = 0 // RFC 2132, section 9.14
		e.ClientID = append([]byte{notHardware}, value...)
	}
}

// parseCode parses an option's number.
func parseCode(text string) (byte, error) {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n == 0 || n == 255 {
		return 0, fmt.Errorf("%q is no option's number, which is 1 to 254", text)
	}
	return byte(n), nil
}

// bytesOf is a text, or the bytes that it writes as 01:52:54.
func bytesOf(text string) []byte {
	if b, err := hex.DecodeString(strings.ReplaceAll(text, ":", "")); err == nil && isHex(text) {
		return b
	}
	return []byte(text)
}

// isHex tells whether a text is bytes of two digits each, with colons between.
func isHex(text string) bool {
	for part := range strings.SplitSeq(text, ":") {
		if _, err := hex.DecodeString(part); err != nil || len(part) != 2 {
			return false
		}
	}
	return true
}

// requested are the options that servers are asked for, classless routes before the routers
// that they make void (RFC 3442).
var requested = []byte{
	optMask, optClassless, optMicrosoft, optRouters, optClassful, optDNS, optHostname, optDomain, optSearch, optMTU, optTimeServers,
}

// addTo gives a message what goes into each. Without another, the identifier is the hardware
// address, as network cards' own boot code sends it, so that the machine keeps the address it
// was booted with.
func (e *Extras) addTo(m *message4) {
	const ethernet, largest = 1, 1472 // what fits into a frame
	m.options[optLargest] = binary.BigEndian.AppendUint16(nil, largest)
	m.options[optRequested] = slices.Concat(requested, e.Request)
	m.options[optClientID] = append([]byte{ethernet}, m.hardware...)
	switch {
	case e.ByDUID:
		m.options[optClientID] = identifier4361(m.hardware)
	case len(e.ClientID) > 0:
		m.options[optClientID] = e.ClientID
	case e.hasClientID:
		delete(m.options, optClientID)
	}
	if e.VendorClass != "" {
		m.options[optVendorClass] = []byte(e.VendorClass)
	}
	for _, class := range e.UserClasses {
		m.options[optUserClass] = append(append(m.options[optUserClass], byte(len(class))), class...)
	}
	e.nameMachine(m)
	maps.Copy(m.options, e.Options)
}

// fqdnEncoded and fqdnByServer are flags of option 81: the name is encoded as in DNS, and the
// server is asked to make it known (RFC 4702, section 2.1).
const (
	fqdnByServer = 1
	fqdnEncoded  = 4
)

// nameMachine tells the server the machine's name, if it has one: a name alone by RFC 2132, one with
// its domain by RFC 4702.
func (e *Extras) nameMachine(m *message4) {
	name := e.Hostname
	if name == "" {
		if name, _ = os.Hostname(); !Named(name) {
			return
		}
	}
	if !strings.Contains(name, ".") {
		m.options[optHostname] = []byte(name)
		return
	}
	option := []byte{fqdnByServer | fqdnEncoded, 0, 0}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		option = append(append(option, byte(len(label))), label...)
	}
	m.options[optFQDN] = append(option, 0)
}

// identifier4361 is the identifier by which DHCPv6 servers know the interface (RFC 4361, section 6.1).
func identifier4361(hardware net.HardwareAddr) []byte {
	const isDUID = 255
	id := append([]byte{isDUID}, hardware[max(0, len(hardware)-4):]...)
	return append(id, duid(hardware).ToBytes()...)
}
