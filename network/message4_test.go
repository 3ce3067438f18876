package network

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"bootrc/test/bound"
)

// fields is an acknowledgement whose options stand in the fields that are given.
func fields(options, file, sname string) []byte {
	b := ack().ToBytes()[:optionsField]
	copy(b[fileField:cookieField], file)
	copy(b[snameField:fileField], sname)
	return append(b, options...)
}

// The forms of options that are read, by the document that they are in.
func TestForms(t *testing.T) {
	const (
		kind    = "\x35\x01\x05"
		server  = "\x36\x04\x0a\x4d\x00\x01"
		mask    = "\x01\x04\xff\xff\xff\x00"
		router  = "\x03\x04\x0a\x4d\x00\x01"
		plain   = "eth0: 10.77.0.50/24 (DHCP from 10.77.0.1, lease 1 hour)"
		gateway = "eth0: 10.77.0.50/24, gateway 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)"
		fqdn    = "\x51\x0f\x05\xff\xff\x05dut-7\x04test\x00"
	)
	long := strings.Repeat("\x01a\x00", 85) // 255 bytes
	for _, test := range []struct {
		form                 string
		options, file, sname string
		want, search, host   string
		routes               string
	}{
		{form: "RFC 2131, 3.5: in any order", options: router + mask + server + kind + "\xff", want: gateway},
		{form: "RFC 2131, 4.1: in the file field", options: kind + server + "\x34\x01\x01\xff", file: mask + router + "\xff", want: gateway},
		{form: "RFC 2131, 4.1: in the sname field", options: kind + server + "\x34\x01\x02\xff", sname: mask + router + "\xff", want: gateway},
		{form: "RFC 2131, 4.1: in both", options: kind + server + "\x34\x01\x03\xff", file: mask + "\xff", sname: router + "\xff", want: gateway},
		{form: "RFC 2131, 4.1: without overload these fields hold names", options: kind + server + mask + "\xff", file: router, sname: router, want: plain},
		{form: "RFC 2131, 4.1: an overload that is not defined", options: kind + server + mask + "\x34\x01\x08\xff", file: router, want: plain},
		{form: "RFC 2131, 4.3.1: no server identifier", options: kind + mask + "\xff", want: "eth0: 10.77.0.50/24 (DHCP from 10.77.0.8, lease 1 hour)"},
		{form: "RFC 2131, 4.3.1: server identifier 0.0.0.0", options: kind + "\x36\x04\x00\x00\x00\x00" + mask + "\xff", want: "eth0: 10.77.0.50/24 (DHCP from 10.77.0.8, lease 1 hour)"},
		{form: "RFC 2132, 3.1: padding", options: "\x00\x00" + kind + "\x00" + server + mask + router + "\x00\x00\xff\x00\x00", want: gateway},
		{form: "RFC 2132, 3.2: nothing counts after the end", options: kind + server + mask + "\xff" + router, want: plain},
		{form: "RFC 2132, 3.2: no end", options: kind + server + mask + router, want: gateway},
		{form: "the last option is cut off", options: kind + server + mask + router + "\x0f\x40a", want: gateway},
		{form: "the last option has no length", options: kind + server + mask + router + "\x0f", want: gateway},
		{form: "an option of fixed length twice", options: kind + server + server + mask + mask + router + kind + "\xff", want: gateway},
		{form: "an option of fixed length with another length first", options: kind + server + "\x01\x02\xff\xff" + mask + router + "\xff", want: gateway},
		{form: "RFC 2132, 3.14: host name", options: kind + server + mask + "\x0c\x05dut-7\xff", want: plain, host: "dut-7"},
		{form: "RFC 2132, 3.14: host name that ends with zeros", options: kind + server + mask + "\x0c\x07dut-7\x00\x00\xff", want: plain, host: "dut-7"},
		{form: "RFC 2132, 5.8: routes of classes", options: kind + server + mask + router + "\x21\x10\xc0\x00\x02\x00\x0a\x4d\x00\x09\xc0\x00\x02\x07\x0a\x4d\x00\x09\xff",
			want: gateway, routes: "192.0.2.0/24:10.77.0.9 192.0.2.7/32:10.77.0.9"},
		{form: "RFC 3396: one value in parts", options: kind + server + mask + "\x03\x02\x0a\x4d" + "\x03\x02\x00\x01\xff", want: gateway},
		{form: "RFC 3396: parts in three fields", options: kind + server + mask + "\x34\x01\x03\x77\x02\x01a\xff", file: "\x77\x03\x04te\xff", sname: "\x77\x03st\x00\xff", want: plain, search: "a.test"},
		{form: "RFC 3396: more than 255 bytes", options: kind + server + mask + "\x77\xff" + long + "\x77\x03\x01b\x00\xff", want: plain, search: "a b"},
		{form: "RFC 3397: names with pointers to pointers", options: kind + server + mask + "\x77\x10\x01a\x01b\x04test\x00\xc0\x02\x01c\xc0\x0a\xff", want: plain, search: "a.b.test b.test c.b.test"},
		{form: "RFC 3397: what comes before a broken name", options: kind + server + mask + "\x77\x08\x01a\x00\x01b\xc0\x09\x00\xff", want: plain, search: "a"},
		{form: "RFC 3442: classless routes make option 3 void", options: kind + server + mask + router + "\x79\x08\x18\xc0\x00\x02\x0a\x4d\x00\x09\xff", want: plain, routes: "192.0.2.0/24:10.77.0.9"},
		{form: "RFC 3442: and option 33", options: kind + server + mask + "\x21\x08\xc6\x33\x64\x00\x0a\x4d\x00\x09\x79\x08\x18\xc0\x00\x02\x0a\x4d\x00\x09\xff", want: plain, routes: "192.0.2.0/24:10.77.0.9"},
		{form: "MS-DHCPE, 2.2.8: classless routes as option 249", options: kind + server + mask + router + "\xf9\x08\x18\xc0\x00\x02\x0a\x4d\x00\x09\xff", want: plain, routes: "192.0.2.0/24:10.77.0.9"},
		{form: "MS-DHCPE, 2.2.8: option 121 is the better one", options: kind + server + mask + "\xf9\x05\x00\x0a\x4d\x00\x09" + "\x79\x08\x18\xc0\x00\x02\x0a\x4d\x00\x09\xff", want: plain, routes: "192.0.2.0/24:10.77.0.9"},
		{form: "RFC 4702: a name with its domain", options: kind + server + mask + fqdn + "\xff", want: plain, host: "dut-7.test"},
		{form: "RFC 4702: the same as text", options: kind + server + mask + "\x51\x0d\x01\xff\xffdut-7.test\xff", want: plain, host: "dut-7.test"},
		{form: "RFC 4833: a time zone is not read", options: kind + server + mask + "\x64\x04CET1\x65\x0dEurope/Berlin\xff", want: plain},
		{form: "RFC 8925: IPv6 only is not preferred", options: kind + server + mask + "\x6c\x04\x00\x00\x07\x08\xff", want: plain},
	} {
		t.Run(test.form, func(t *testing.T) {
			m, err := parseMessage4(fields(test.options, test.file, test.sname))
			check(t, err)
			m.from = netip.MustParseAddr("10.77.0.8")
			l, err := newLease("eth0", m)
			check(t, err)
			var routes []string
			for _, r := range l.Routes {
				if !r.isDefault() {
					routes = append(routes, fmt.Sprintf("%s:%s", r.Dst, r.Via))
				}
			}
			if l.String() != test.want || strings.Join(l.Search, " ") != test.search || l.Hostname != test.host || strings.Join(routes, " ") != test.routes {
				t.Errorf("got  %s, search %q, host %q, routes %q\nwant %s, search %q, host %q, routes %q",
					&l.Config, l.Search, l.Hostname, routes, test.want, test.search, test.host, test.routes)
			}
			if m.kind() != ack4 {
				t.Errorf("the message is of kind %d", m.kind())
			}
		})
	}
}

// Whatever bytes a search list has, names end.
func FuzzSearchList(f *testing.F) {
	f.Add([]byte("\x01a\x01b\x04test\x00\xc0\x02\x01c\xc0\x0a"))
	f.Add([]byte("\x3f" + strings.Repeat("a", 63) + strings.Repeat("\xc0\x00", 4000)))
	f.Add([]byte{0xc0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		bound.Input(t, len(b))
		for _, name := range searchList(b) {
			if len(name) > 255 {
				t.Errorf("a name of %d bytes", len(name))
			}
		}
	})
}

// The next server is the one that answers where it does not say who it is (RFC 2131, section 4.3.1).
func TestNextServerIsTheServer(t *testing.T) {
	a := ack()
	a.Options.Del(dhcpv4.OptionServerIdentifier)
	a.ServerIPAddr = []byte{10, 77, 0, 7}
	m, err := parseMessage4(a.ToBytes())
	check(t, err)
	m.from = netip.MustParseAddr("10.77.0.8")
	if server, ok := m.server(); !ok || server != netip.MustParseAddr("10.77.0.7") {
		t.Errorf("server %s", server)
	}
}

// Another library reads what we write.
func TestMessageIsWritten(t *testing.T) {
	m := newMessage4(request4, []byte{2, 0, 0, 0, 0, 1})
	m.seconds, m.broadcast, m.client = 7, true, netip.MustParseAddr("10.77.0.50")
	long := strings.Repeat("long", 100)
	m.options[optHostname], m.options[optUserClass], m.options[optVendorClass] = []byte("dut"), []byte(long), []byte{}
	b := m.bytes()
	read, err := dhcpv4.FromBytes(b)
	check(t, err)
	got := fmt.Sprintf("%s %x %d %t %s %s %s %s", read.MessageType(), read.TransactionID[:], read.NumSeconds, read.IsBroadcast(),
		read.ClientIPAddr, read.ClientHWAddr, read.HostName(), read.Options.Get(dhcpv4.OptionUserClassInformation))
	want := fmt.Sprintf("REQUEST %08x 7 true 10.77.0.50 02:00:00:00:00:01 dut %s", m.transaction, long)
	if got != want || !read.Options.Has(dhcpv4.OptionClassIdentifier) || b[optionsField] != optKind {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if short := newMessage4(discover4, m.hardware).bytes(); len(short) != 300 {
		t.Errorf("%d bytes", len(short))
	}
}

func TestNoMessage(t *testing.T) {
	for _, b := range [][]byte{nil, {2, 1, 6}, make([]byte, 236), make([]byte, 300)} {
		if m, err := parseMessage4(b); err == nil {
			t.Errorf("%d bytes became %v", len(b), m)
		}
	}
}
