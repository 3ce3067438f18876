package network

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// toldTo are the options of a message that b2c.dhcp= may change, but for what is always the same.
func toldTo(e *Extras) string {
	c := client4{&netlink.Device{LinkAttrs: netlink.LinkAttrs{Name: "eth0", HardwareAddr: []byte{2, 0, 0, 0, 0, 1}}}, e, usualTimes}
	m := c.message(discover4)
	usual := map[uint8]bool{53: true, 57: true}
	var words []string
	for code := range uint8(255) {
		value, ok := m.options[code]
		if !ok || usual[code] {
			continue
		}
		if code == 55 {
			if value = value[len(requested):]; len(value) == 0 {
				continue
			}
		}
		if bytes.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			words = append(words, fmt.Sprintf("%d:%x", code, value))
		} else {
			words = append(words, fmt.Sprintf("%d:%s", code, value))
		}
	}
	return strings.Join(words, " ")
}

func TestExtras(t *testing.T) {
	check(t, unix.Sethostname([]byte("(none)")))
	const hardware = "61:01020000000001"
	for _, test := range []struct{ values, want string }{
		{"", hardware},
		{"vendor-class=PXEClient:Arch:00000", "60:PXEClient:Arch:00000 " + hardware},
		{"user-class=farm,user-class=dut", hardware + " 77:046661726d03647574"},
		{"user-class=farm user-class=dut,vendor-class=a,,vendor-class=b", "60:b " + hardware + " 77:046661726d03647574"},
		{"client-id=01:52:54:00:12:34:56", "61:01525400123456"},
		{"client-id=dut-7", "61:006475742d37"},
		{"client-id=none", ""},
		{"client-id=duid", "61:ff" + "00000001" + "00030001020000000001"},
		{"hostname=dut-7", "12:dut-7 " + hardware},
		{"hostname=dut-7.test", hardware + " 81:050000056475742d37047465737400"},
		{"request=66,request=150", "55:4296 " + hardware},
		{"option=93:00:07", hardware + " 93:0007"},
		{"option=43:text", "43:text " + hardware},
	} {
		e, err := ParseExtras(strings.Split(test.values, " "))
		check(t, err)
		if got := toldTo(e); got != test.want {
			t.Errorf("b2c.dhcp=%s: %s, want %s", test.values, got, test.want)
		}
	}
}

// A machine that has a name says so.
func TestHostnameIsSent(t *testing.T) {
	check(t, unix.Sethostname([]byte("dut-8")))
	if got, want := toldTo(&Extras{}), "12:dut-8 61:01020000000001"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBadExtras(t *testing.T) {
	for value, want := range map[string]string{
		"vendor-class":    `DHCP option "vendor-class": expected KEY=VALUE; keys are ` + extrasKeys,
		"hostname=a b":    `DHCP option "hostname=a b": name "a b": bad character ' '`,
		"address=fe80::1": `DHCP option "address=fe80::1": fe80::1 is no IPv4 address`,
		"address=x":       `DHCP option "address=x": "x" is no IP address`,
		"request=255":     `DHCP option "request=255": "255" is no option's number, which is 1 to 254`,
		"option=x:1":      `DHCP option "option=x:1": "x" is no option's number, which is 1 to 254`,
		"a=1,user-class=" + strings.Repeat("x", 256): `256 bytes, and an option holds 255`,
	} {
		if _, err := ParseExtras([]string{value}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", value, err, want)
		}
	}
	e, err := ParseExtras([]string{"colour=red"})
	if err != nil || len(e.Unknown) != 1 {
		t.Errorf("unknown keys %q, error %v", e.Unknown, err)
	}
}

// An address that is asked for is in the first message.
func TestAddressIsAskedFor(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	server := p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 { return grant(r, r.RequestedIPAddress().String()) })
	m, _ := newManager(t)
	stdout, stderr, status := run(t.Context(), m, "dhcp -o address=10.77.0.60 eth0")
	if status != 0 || !strings.HasPrefix(stdout, "eth0: 10.77.0.60/24") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	asks := func(m *dhcpv4.DHCPv4) bool { return m.RequestedIPAddress().String() == "10.77.0.60" }
	if n, all := server.count(asks), server.count(func(*dhcpv4.DHCPv4) bool { return true }); n != all {
		t.Errorf("%d of %d messages ask for it", n, all)
	}
}
