package network

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/test/bound"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv6"
)

// ack is an acknowledgement of 10.77.0.50/24 by 10.77.0.1 with more options.
func ack(options ...dhcpv4.Option) *dhcpv4.DHCPv4 {
	request, _ := dhcpv4.NewDiscovery(net.HardwareAddr{2, 0, 0, 0, 0, 1})
	return grant(request, "10.77.0.50", options...)
}

// leaseOf is what is read of a message, which another library writes.
func leaseOf(m *dhcpv4.DHCPv4) (*lease, error) {
	read, err := parseMessage4(m.ToBytes())
	if err != nil {
		return nil, err
	}
	return newLease("eth0", read)
}

func raw(code dhcpv4.OptionCode, data ...byte) dhcpv4.Option { return dhcpv4.OptGeneric(code, data) }

func TestNewLease(t *testing.T) {
	const plain = "eth0: 10.77.0.50/24 (DHCP from 10.77.0.1, lease 1 hour)"
	gateway := dhcpv4.OptRouter(net.IPv4(10, 77, 0, 1))
	for name, test := range map[string]struct {
		options []dhcpv4.Option
		want    string
	}{
		"nothing but the address": {nil, plain},
		"all": {
			[]dhcpv4.Option{gateway, dhcpv4.OptDNS(net.IPv4(10, 77, 0, 3), net.IPv4(9, 9, 9, 9)), dhcpv4.OptIPAddressLeaseTime(36 * time.Hour)},
			"eth0: 10.77.0.50/24, gateway 10.77.0.1, DNS 10.77.0.3 9.9.9.9 (DHCP from 10.77.0.1, lease 36 hours)",
		},
		"a mask with holes":       {[]dhcpv4.Option{raw(dhcpv4.OptionSubnetMask, 255, 0, 255, 0)}, "eth0: 10.77.0.50/8 (DHCP from 10.77.0.1, lease 1 hour)"},
		"a mask of nothing":       {[]dhcpv4.Option{raw(dhcpv4.OptionSubnetMask, 0, 0, 0, 0)}, "eth0: 10.77.0.50/8 (DHCP from 10.77.0.1, lease 1 hour)"},
		"a mask that is cut off":  {[]dhcpv4.Option{raw(dhcpv4.OptionSubnetMask, 255, 255)}, "eth0: 10.77.0.50/8 (DHCP from 10.77.0.1, lease 1 hour)"},
		"a lease of 0 seconds":    {[]dhcpv4.Option{dhcpv4.OptIPAddressLeaseTime(0)}, plain},
		"a lease of 1 second":     {[]dhcpv4.Option{dhcpv4.OptIPAddressLeaseTime(time.Second)}, "eth0: 10.77.0.50/24 (DHCP from 10.77.0.1, lease 2 seconds)"},
		"a lease for ever":        {[]dhcpv4.Option{dhcpv4.OptIPAddressLeaseTime(forever)}, "eth0: 10.77.0.50/24 (DHCP from 10.77.0.1, lease for ever)"},
		"a lease that is cut off": {[]dhcpv4.Option{raw(dhcpv4.OptionIPAddressLeaseTime, 1)}, plain},
		"itself as gateway":       {[]dhcpv4.Option{dhcpv4.OptRouter(net.IPv4(10, 77, 0, 50))}, plain},
		"nonsense as gateway":     {[]dhcpv4.Option{dhcpv4.OptRouter(net.IPv4zero, net.IPv4bcast, net.IPv4(127, 0, 0, 1), net.IPv4(224, 0, 0, 1))}, plain},
		"the first good gateway":  {[]dhcpv4.Option{dhcpv4.OptRouter(net.IPv4zero, net.IPv4(10, 77, 0, 9))}, "eth0: 10.77.0.50/24, gateway 10.77.0.9 (DHCP from 10.77.0.1, lease 1 hour)"},
		"gateways cut off":        {[]dhcpv4.Option{raw(dhcpv4.OptionRouter, 10, 77, 0, 1, 10)}, "eth0: 10.77.0.50/24, gateway 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)"},
		"255 DNS servers": {
			[]dhcpv4.Option{raw(dhcpv4.OptionDomainNameServer, slices.Repeat([]byte{10, 77, 0, 3}, 255)...)},
			"eth0: 10.77.0.50/24, DNS 10.77.0.3 (DHCP from 10.77.0.1, lease 1 hour)",
		},
		"classless routes make the gateway void": {
			[]dhcpv4.Option{gateway, raw(dhcpv4.OptionClasslessStaticRoute, 8, 10, 10, 77, 0, 9)}, plain,
		},
		"a classless gateway": {
			[]dhcpv4.Option{gateway, raw(dhcpv4.OptionClasslessStaticRoute, 0, 10, 77, 0, 9)},
			"eth0: 10.77.0.50/24, gateway 10.77.0.9 (DHCP from 10.77.0.1, lease 1 hour)",
		},
		"classless routes cut off": {
			[]dhcpv4.Option{gateway, raw(dhcpv4.OptionClasslessStaticRoute, 32, 10)},
			"eth0: 10.77.0.50/24, gateway 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)",
		},
		"a classless route of 33 bits": {
			[]dhcpv4.Option{gateway, raw(dhcpv4.OptionClasslessStaticRoute, 33, 1, 2, 3, 4, 5, 10, 77, 0, 1)},
			"eth0: 10.77.0.50/24, gateway 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := leaseOf(ack(test.options...))
			check(t, err)
			if l.String() != test.want {
				t.Errorf("got  %s\nwant %s", &l.Config, test.want)
			}
		})
	}
}

func TestNewLeaseRefuses(t *testing.T) {
	for _, address := range []string{"0.0.0.0", "0.0.0.1", "127.0.0.1", "224.0.0.1", "255.255.255.255"} {
		m := ack()
		m.YourIPAddr = net.ParseIP(address)
		if _, err := leaseOf(m); err == nil {
			t.Errorf("%s was accepted", address)
		}
	}
	m := ack()
	m.Options.Del(dhcpv4.OptionServerIdentifier)
	if _, err := leaseOf(m); err == nil {
		t.Error("a server without an address was accepted")
	}
}

func TestLeaseNames(t *testing.T) {
	long := strings.Repeat("a", 64)
	for name, test := range map[string]struct {
		options []dhcpv4.Option
		want    string
	}{
		"a domain":             {[]dhcpv4.Option{dhcpv4.OptDomainName("example.test")}, "[example.test]"},
		"several in one":       {[]dhcpv4.Option{dhcpv4.OptDomainName("a.test b.test")}, "[a.test b.test]"},
		"ends with a zero":     {[]dhcpv4.Option{dhcpv4.OptDomainName("a.test\x00")}, "[a.test]"},
		"an injected line":     {[]dhcpv4.Option{dhcpv4.OptDomainName("a.test\nnameserver 6.6.6.6")}, "[a.test nameserver 6.6.6.6]"},
		"another one":          {[]dhcpv4.Option{dhcpv4.OptDomainName("a.test;\roptions")}, "[options]"},
		"a label too long":     {[]dhcpv4.Option{dhcpv4.OptDomainName(long + ".test")}, "[]"},
		"a list":               {[]dhcpv4.Option{raw(dhcpv4.OptionDNSDomainSearchList, []byte("\x01a\x04test\x00\x01b\xc0\x02")...)}, "[a.test b.test]"},
		"a list with a line":   {[]dhcpv4.Option{raw(dhcpv4.OptionDNSDomainSearchList, []byte("\x03a\nb\x00\x01c\x00")...)}, "[c]"},
		"a list that loops":    {[]dhcpv4.Option{raw(dhcpv4.OptionDNSDomainSearchList, 0xc0, 0)}, "[]"},
		"a list that is cut":   {[]dhcpv4.Option{raw(dhcpv4.OptionDNSDomainSearchList, 63, 'a')}, "[]"},
		"seven, and one twice": {[]dhcpv4.Option{dhcpv4.OptDomainName("a a b c d e f g")}, "[a b c d e f]"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := leaseOf(ack(test.options...))
			check(t, err)
			if got := fmt.Sprint(l.Search); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	for name, want := range map[string]string{"client": "client", "a b": "", "a\nb": "", "-a": "", "": "", "client\x00x": "client"} {
		l, err := leaseOf(ack(dhcpv4.OptHostName(name)))
		check(t, err)
		if l.Hostname != want {
			t.Errorf("hostname %q became %q, want %q", name, l.Hostname, want)
		}
	}
}

func TestLeaseTimes(t *testing.T) {
	for name, test := range map[string]struct{ length, renew, rebind, wantRenew, wantRebind time.Duration }{
		"unsaid":           {80, 0, 0, 40, 70},
		"as said":          {80, 10, 20, 10, 20},
		"rebind too early": {80, 30, 20, 40, 70},
		"rebind too late":  {80, 30, 90, 40, 70},
		"renew at once":    {80, 0, 20, 40, 70},
		"a century":        {3153600000, 0, 0, 1576800000, 2759400000},
	} {
		t.Run(name, func(t *testing.T) {
			options := []dhcpv4.Option{dhcpv4.OptIPAddressLeaseTime(test.length * time.Second)}
			if test.renew+test.rebind > 0 {
				options = append(options, dhcpv4.OptRenewTimeValue(test.renew*time.Second), dhcpv4.OptRebindingTimeValue(test.rebind*time.Second))
			}
			l, err := leaseOf(ack(options...))
			check(t, err)
			if l.renew != test.wantRenew*time.Second || l.rebind != test.wantRebind*time.Second {
				t.Errorf("renew after %s, rebind after %s", l.renew, l.rebind)
			}
		})
	}
}

func TestLeaseMTU(t *testing.T) {
	for mtu, want := range map[uint16]int{0: 0, 68: 0, 575: 0, 576: 576, 1500: 1500, 65535: 65535} {
		l, err := leaseOf(ack(raw(dhcpv4.OptionInterfaceMTU, byte(mtu>>8), byte(mtu))))
		check(t, err)
		if l.MTU != want {
			t.Errorf("MTU %d became %d, want %d", mtu, l.MTU, want)
		}
	}
}

// Whatever comes from the network, no panic, and nothing that could not be meant.
func FuzzLease(f *testing.F) {
	f.Add(ack(dhcpv4.OptDomainName("a.test"), dhcpv4.OptRouter(net.IPv4(10, 77, 0, 1))).ToBytes())
	f.Add(ack(raw(dhcpv4.OptionClasslessStaticRoute, 8, 10, 10, 77, 0, 9), raw(dhcpv4.OptionDNSDomainSearchList, 0xc0, 0)).ToBytes())
	f.Fuzz(func(t *testing.T, packet []byte) {
		bound.Input(t, len(packet))
		m, err := parseMessage4(packet)
		if err != nil {
			return
		}
		l, err := newLease("eth0", m)
		if err != nil {
			return
		}
		a := l.Addresses[0]
		if !a.IsValid() || a.Bits() < 1 || l.length < shortestLease || l.renew <= 0 || l.rebind <= l.renew || l.length <= l.rebind {
			t.Errorf("lease %v, times %s %s %s", a, l.renew, l.rebind, l.length)
		}
		for _, r := range l.Routes {
			if !r.Dst.IsValid() {
				t.Errorf("route %v", r)
			}
		}
		for line := range strings.Lines(string(render([]dnsSource{{"", l.DNS, l.Search}}))) {
			if !strings.HasPrefix(line, "nameserver ") && !strings.HasPrefix(line, "search ") {
				t.Errorf("resolv.conf line %q", line)
			}
		}
	})
}

func FuzzLease6(f *testing.F) {
	m, _ := dhcpv6.NewMessage(
		dhcpv6.WithServerID(&dhcpv6.DUIDLL{LinkLayerAddr: net.HardwareAddr{1, 2, 3, 4, 5, 6}}),
		dhcpv6.WithIANA(dhcpv6.OptIAAddress{IPv6Addr: net.ParseIP("2001:db8::5"), ValidLifetime: time.Hour, PreferredLifetime: time.Hour}),
		dhcpv6.WithDNS(net.ParseIP("2001:db8::53")), dhcpv6.WithDomainSearchList("a.test"))
	f.Add(m.ToBytes())
	f.Fuzz(func(t *testing.T, packet []byte) {
		bound.Input(t, len(packet))
		m, err := dhcpv6.MessageFromBytes(packet)
		if err != nil {
			return
		}
		servers6(m)
		search6(m)
		l, err := newLease6("eth0", m)
		if err == nil && (!l.Addresses[0].IsValid() || l.renew <= 0 || l.rebind <= l.renew || l.valid <= l.rebind) {
			t.Errorf("lease %v, times %s %s %s", l.Addresses, l.renew, l.rebind, l.valid)
		}
	})
}
