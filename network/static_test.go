package network

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func iface(t *testing.T, m *Manager, spec string) *Config {
	t.Helper()
	f, err := ParseIface(spec)
	check(t, err)
	c, err := m.Iface(t.Context(), f, patience)
	check(t, err)
	return c
}

// connect does what the words ask for, of one interface.
func connect(t *testing.T, m *Manager, words ...string) *Config {
	t.Helper()
	p, err := ParseWords(words)
	check(t, err)
	configs, err := m.Connect(t.Context(), p, patience)
	check(t, err)
	if len(configs) != 1 {
		t.Fatalf("%d interfaces are configured: %v", len(configs), configs)
	}
	return configs[0]
}

func TestStaticInterface(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0")
	p.unplug("eth0") // a static address waits for no carrier
	m, _ := newManager(t)
	c := iface(t, m, "eth0,address=192.0.2.7/24,address=2001:db8::7/64,gateway=192.0.2.1,gateway=fe80::1,"+
		"route=10.0.0.0/8:192.0.2.2,route=[2001:db8:9::/48]:[2001:db8::9],nameserver=192.0.2.3,nameserver=2001:db8::53")

	if got, want := c.String(), "eth0: 192.0.2.7/24, 2001:db8::7/64, gateway 192.0.2.1, gateway fe80::1, DNS 192.0.2.3 2001:db8::53 (static)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := addresses(t, link); got != "192.0.2.7/24 2001:db8::7/64" {
		t.Errorf("addresses: %s", got)
	}
	list, err := netlink.AddrList(link, netlink.FAMILY_V6)
	check(t, err)
	for _, a := range list {
		if a.IP.IsGlobalUnicast() && a.Flags&unix.IFA_F_TENTATIVE != 0 {
			t.Error("the IPv6 address cannot be used at once")
		}
	}
	all := slices.Concat(routes(t, link, netlink.FAMILY_V4), routes(t, link, netlink.FAMILY_V6))
	for _, want := range []string{"0.0.0.0/0 via 192.0.2.1", "10.0.0.0/8 via 192.0.2.2", "::/0 via fe80::1", "2001:db8:9::/48 via 2001:db8::9"} {
		if !slices.Contains(all, want) {
			t.Errorf("routes %q: without %s", all, want)
		}
	}
	if got, want := resolvText(t, m), "nameserver 192.0.2.3\nnameserver 2001:db8::53\n"; got != want {
		t.Errorf("resolv.conf %q, want %q", got, want)
	}
	iface(t, m, "eth0,address=192.0.2.7/24,gateway=192.0.2.1") // again: no error
}

// A static route may lead to a gateway in the subnet that DHCP gives.
func TestInterfaceWithDHCPAndMore(t *testing.T) {
	p := newPeer(t)
	link := p.cable("lan0", "10.77.0.1/24")
	p.dnsmasq("lan0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0,1h")
	m, _ := newManager(t)
	c := iface(t, m, "lan0,auto,address=192.0.2.7/24,route=10.0.0.0/8:10.77.0.9,nameserver=9.9.9.9")
	if got, want := c.String(), "lan0: 192.0.2.7/24, 10.77.0.50/24, gateway 10.77.0.1, DNS 9.9.9.9 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	all := routes(t, link, netlink.FAMILY_V4)
	if !slices.Contains(all, "10.0.0.0/8 via 10.77.0.9") || slices.Contains(all, "10.77.0.9/32") {
		t.Errorf("routes %q", all)
	}
	if got, want := resolvText(t, m), "nameserver 9.9.9.9\nnameserver 10.77.0.1\n"; got != want {
		t.Errorf("resolv.conf %q, want %q", got, want)
	}
}

// Two interfaces with a gateway each: the first one's counts, and neither call
// fails.
func TestTwoGateways(t *testing.T) {
	p := newPeer(t)
	first, second := p.cable("eth0"), p.cable("eth1")
	m, _ := newManager(t)
	iface(t, m, "eth0,address=192.0.2.7/24,gateway=192.0.2.1")
	iface(t, m, "eth1,address=198.51.100.7/24,gateway=198.51.100.1")
	if got := routes(t, first, netlink.FAMILY_V4); !slices.Contains(got, "0.0.0.0/0 via 192.0.2.1") {
		t.Errorf("routes %q", got)
	}
	if got := routes(t, second, netlink.FAMILY_V4); !slices.Contains(got, "0.0.0.0/0 via 198.51.100.1") {
		t.Errorf("routes %q", got)
	}
	list, err := netlink.RouteGet([]byte{203, 0, 113, 1})
	check(t, err)
	if list[0].LinkIndex != first.Attrs().Index {
		t.Errorf("the second gateway is in use: %v", list)
	}
}

func TestInterfaceForwards(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0")
	m, _ := newManager(t)
	iface(t, m, "eth0,forward")
	t.Cleanup(func() {
		os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("0"), 0)
		os.WriteFile("/proc/sys/net/ipv6/conf/all/forwarding", []byte("0"), 0)
	})
	for file, want := range map[string]string{"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1", "ipv6/conf/eth0/accept_ra": "2"} {
		content, err := os.ReadFile(filepath.Join("/proc/sys/net", file))
		check(t, err)
		if got := strings.TrimSpace(string(content)); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
}

func TestInterfaceThatIsMissing(t *testing.T) {
	ctx, cancel := contextFor(t, 50*time.Millisecond)
	defer cancel()
	m, _ := newManager(t)
	_, err := m.Iface(ctx, &Iface{Name: "eth9"}, patience)
	if err == nil || !strings.HasPrefix(err.Error(), "interface eth9 did not appear within ") {
		t.Errorf("error %v", err)
	}
}

func TestIPConfig(t *testing.T) {
	for param, want := range map[string]struct{ line, resolv string }{
		"10.77.0.2::10.77.0.1:255.255.255.0:client:eth0:off:9.9.9.9:[2001:db8::53]": {
			"eth0: 10.77.0.2/24, gateway 10.77.0.1, DNS 9.9.9.9 2001:db8::53 (static)",
			"nameserver 9.9.9.9\nnameserver 2001:db8::53\n",
		},
		"10.77.0.2:::24": {"eth0: 10.77.0.2/24 (static)", ""},
		"[2001:db8::2]::[2001:db8::1]:64::eth0:none": {"eth0: 2001:db8::2/64, gateway 2001:db8::1 (static)", ""},
		"dhcp": {
			"eth0: 10.77.0.50/24, gateway 10.77.0.1, DNS 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)",
			"nameserver 10.77.0.1\n",
		},
		":::::eth0:dhcp:9.9.9.9": {
			"eth0: 10.77.0.50/24, gateway 10.77.0.1, DNS 9.9.9.9 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)",
			"nameserver 9.9.9.9\nnameserver 10.77.0.1\n",
		},
	} {
		t.Run(param, func(t *testing.T) {
			p := newPeer(t)
			p.cable("eth0", "10.77.0.1/24")
			p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0,1h")
			m, _ := newManager(t)
			c := connect(t, m, "ip="+param)
			if c.String() != want.line {
				t.Errorf("got  %s\nwant %s", c, want.line)
			}
			if got := resolvText(t, m); got != want.resolv {
				t.Errorf("resolv.conf %q, want %q", got, want.resolv)
			}
		})
	}
}

// Of several interfaces the one with a carrier is meant, where none is named.
func TestIPConfigPicksTheCarrier(t *testing.T) {
	p := newPeer(t)
	idle := p.cable("eth0")
	p.unplug("eth0")
	p.cable("eth1")
	m, _ := newManager(t)
	c := connect(t, m, "ip=10.77.0.2:::24")
	if c.Link != "eth1" || isUp(refresh(t, idle)) {
		t.Errorf("%s; eth0 is up: %t", c, isUp(refresh(t, idle)))
	}
}

// What the kernel did itself is left alone, but for its DNS servers. That the
// file is there does not say that it did anything.
func TestIPConfigByTheKernel(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0")
	m, _ := newManager(t)
	m.proc = t.TempDir()
	check(t, os.Mkdir(filepath.Join(m.proc, "net"), 0o755))
	pnp := "#PROTO: DHCP\ndomain example.test\nnameserver 10.77.0.3\n"
	check(t, os.WriteFile(filepath.Join(m.proc, "net", "pnp"), []byte(pnp), 0o644))

	c := connect(t, m, "ip=10.77.0.2::10.77.0.1:255.255.255.0::eth0")
	if c.Source != "static" {
		t.Errorf("the kernel is said to have done it: %s", c)
	}
	c = connect(t, m, "ip=dhcp")
	if got, want := c.String(), "eth0: 10.77.0.2/24, gateway 10.77.0.1, DNS 10.77.0.3 (by the kernel)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := resolvText(t, m), "search example.test\nnameserver 10.77.0.3\n"; got != want {
		t.Errorf("resolv.conf %q, want %q", got, want)
	}
	if got := addresses(t, link); got != "10.77.0.2/24" {
		t.Errorf("addresses: %s", got)
	}
}
