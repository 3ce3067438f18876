package network

import (
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"bootrc/network/dns"
)

// hasAll tells whether the words are all among the fields of a text.
func hasAll(text string, words ...string) bool {
	fields := strings.Fields(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(fields, w) })
}

// Router advertisements alone: an address of the prefix, the router, its DNS
// servers; and IPv4 as soon as somebody answers.
func TestIPv6Only(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64", "10.77.0.1/24")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::,ra-only,64,1h",
		"--dhcp-option=option6:dns-server,[2001:db8:1::53]", "--dhcp-option=option6:domain-search,six.test")
	m, warnings := newManager(t)
	m.times.grace = 0

	c, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)

	if line := c.String(); !strings.HasPrefix(line, "eth0: 2001:db8:1:") || !strings.Contains(line, "/64, gateway fe80::") ||
		!strings.HasSuffix(line, "(IPv6, no DHCP answer)") {
		t.Error(line)
	}
	eventually(t, "the router's DNS server and domain", func() bool {
		return resolvText(t, m) == "search six.test\nnameserver 2001:db8:1::53\n"
	})
	if line := m.current(link, netlink.FAMILY_V6, "").String(); !strings.Contains(line, "DNS 2001:db8:1::53") {
		t.Error(line)
	}

	p.serveLater("eth0", "10.77.0.50")
	eventually(t, "an IPv4 address", func() bool { return strings.Contains(addresses(t, link), "10.77.0.50/24") })
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// Behind NAT64, whose name server gives hosts of IPv4 an address of IPv6 as well, these are reached.
func TestNAT64(t *testing.T) {
	p := newPeer(t)
	const translated = "64:ff9b::c000:250"
	p.cable("eth0", "2001:db8:1::1/64", translated+"/128")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::,ra-only,64,1h", "--dhcp-option=option6:dns-server,[2001:db8:1::1]",
		"--host-record=four.test,192.0.2.80,"+translated)
	p.do(func() error {
		listener, err := net.Listen("tcp", "["+translated+"]:80")
		if err == nil {
			t.Cleanup(func() { listener.Close() })
			go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
		}
		return err
	})
	m, warnings := newManager(t)
	m.times.grace = 0
	_, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)
	eventually(t, "the router's DNS server", func() bool { return strings.Contains(resolvText(t, m), "2001:db8:1::1") })

	dialer := net.Dialer{Resolver: dns.NewResolver(m.resolv.path)}
	client := http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	answer, err := client.Get("http://four.test/")
	check(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	check(t, err)
	if string(text) != "hello" {
		t.Errorf("answer %q", text)
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// A router's answer can get lost, and the kernel, which hears another, asks no more.
func TestRouterIsAskedAgain(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64")
	m, warnings := newManager(t)
	check(t, os.WriteFile(m.sysctl("ipv6", "conf", "eth0", "router_solicitations"), []byte("0"), 0))
	p.advertise("eth0", 1, "2001:db8:1::56")
	check(t, setUp(link))
	m.followIPv6(link, 0)
	eventually(t, "the router's DNS server", func() bool { return resolvText(t, m) == "nameserver 2001:db8:1::56\n" })
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// Where both are there, IPv4 wins at once and IPv6 comes beside it.
func TestBothFamilies(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64", "10.77.0.1/24")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::,ra-only,64,1h", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0",
		"--dhcp-option=option6:dns-server,[2001:db8:1::53]")
	m, _ := newManager(t)
	m.times.rest = 0
	c, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)
	if !strings.Contains(c.Source, "DHCP from 10.77.0.1") {
		t.Error(c)
	}
	eventually(t, "an IPv6 address", func() bool { return strings.Contains(addresses(t, link), "2001:db8:1:") })
	eventually(t, "both DNS servers", func() bool {
		return resolvText(t, m) == "nameserver 10.77.0.1\nnameserver 2001:db8:1::53\n"
	})
}

// The managed flag asks for an address by DHCPv6.
func TestDHCPv6(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::50,2001:db8:1::50,64,1h",
		"--ra-param=eth0,0,1200", "--dhcp-option=option6:dns-server,[2001:db8:1::54]", "--dhcp-option=option6:domain-search,six.test")
	m, warnings := newManager(t)
	m.times.grace = 0
	c, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)
	if !hasAll(strings.ReplaceAll(c.String(), ",", " "), "2001:db8:1::50/128", "gateway", "2001:db8:1::54") {
		t.Error(c)
	}
	if got := resolvText(t, m); !hasAll(got, "2001:db8:1::54", "six.test") {
		t.Errorf("resolv.conf %q", got)
	}
	list, err := netlink.AddrList(link, netlink.FAMILY_V6)
	check(t, err)
	for _, a := range list {
		if a.IP.String() == "2001:db8:1::50" && (a.ValidLft < 3000 || a.ValidLft > 3600) {
			t.Errorf("the kernel keeps the address for %d s, and the lease is of 3600", a.ValidLft)
		}
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// The other flag asks for DNS servers alone.
func TestStatelessDHCPv6(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::,ra-stateless,64,1h", "--dhcp-option=option6:dns-server,[2001:db8:1::55]")
	m, _ := newManager(t)
	m.followIPv6(link, 0)
	check(t, setUp(link))
	eventually(t, "servers by DHCPv6", func() bool {
		m.resolv.mu.Lock()
		defer m.resolv.mu.Unlock()
		return slices.ContainsFunc(m.resolv.sources, func(s dnsSource) bool {
			return s.name == "eth0 DHCPv6" && len(s.servers) == 1 && s.servers[0].String() == "2001:db8:1::55"
		})
	})
	eventually(t, "an address by advertisement", func() bool { return strings.Contains(addresses(t, link), "2001:db8:1:") })
}

// A short lease of DHCPv6 is extended.
func TestDHCPv6IsRenewed(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64")
	m, warnings := newManager(t)
	server := p.serve6("eth0", "2001:db8:1::50", 1, 3600)
	check(t, setUp(link))
	m.keep("eth0 IPv6", client6{m, link}.keep)
	eventually(t, "three renewals", func() bool { return server.renewals.Load() >= 3 })
	if got := addresses(t, link); got != "2001:db8:1::50/128" {
		t.Errorf("addresses: %s", got)
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// An address of DHCPv6 ends with its lease.
func TestDHCPv6Expires(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "2001:db8:1::1/64")
	m, warnings := newManager(t)
	server := p.serve6("eth0", "2001:db8:1::50", 0, 2)
	check(t, setUp(link))
	m.keep("eth0 IPv6", client6{m, link}.keep)
	eventually(t, "an address", func() bool { return server.granted.Load() > 0 })
	server.silent.Store(true)
	eventually(t, "the end of the address", func() bool { return addresses(t, link) == "" })
	eventually(t, "a warning", func() bool {
		return strings.Contains(warnings(), "eth0: lease of 2001:db8:1::50 lost: no server extended it in time\n")
	})
}

// Without IPv6 in the kernel, IPv4 works as ever.
func TestWithoutIPv6(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0")
	check(t, os.WriteFile("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", []byte("1"), 0))
	m, warnings := newManager(t)
	_, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)
	if got := addresses(t, link); got != "10.77.0.50/24" {
		t.Errorf("addresses: %s", got)
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
}
