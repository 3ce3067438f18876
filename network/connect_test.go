package network

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/vishvananda/netlink"
)

// One interface waits for nothing that another needs: all are configured as soon as they can be.
func TestInterfacesAtOnce(t *testing.T) {
	p := newPeer(t)
	m, _ := newManager(t)
	result := start(func() (*Config, error) {
		plan := &Plan{}
		for _, spec := range []string{"eth0,dhcp", "eth1,address=192.0.2.7/24", "eth2,address=192.0.2.8/24"} {
			f, err := ParseIface(spec)
			check(t, err)
			plan.Ifaces = append(plan.Ifaces, f)
		}
		configs, err := m.Connect(t.Context(), plan, patience)
		return configs[0], err
	})
	second := p.cable("eth1") // before the first
	eventually(t, "the second one's address", func() bool { return addresses(t, second) == "192.0.2.7/24" })
	p.cable("eth2")
	p.cable("eth0", "10.77.0.1/24")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0")
	c, err := result()
	check(t, err)
	if c.Link != "eth0" || c.Addresses[0].String() != "10.77.0.50/24" {
		t.Error(c)
	}
}

// Each interface that fails is named, and the others are configured.
func TestInterfacesThatFail(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0")
	m, _ := newManager(t)
	stdout, stderr, status := run(t.Context(), m, "iface -t 0.1 eth8,address=192.0.2.8/24 eth0,address=192.0.2.7/24 eth9,dhcp")
	if status != 1 || stdout != "eth0: 192.0.2.7/24 (static)\n" || !strings.Contains(stderr, "interface eth8 did not") || !strings.Contains(stderr, "interface eth9 did not") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if got := addresses(t, link); got != "192.0.2.7/24" {
		t.Errorf("addresses %s", got)
	}
}

// A card that is taken out and put in again is configured again, by whatever it was before.
func TestCardIsPutBack(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"the first that answers":  {"dhcp", "10.77.0.50/24"},
		"by DHCP":                 {"iface eth0,dhcp", "10.77.0.50/24"},
		"with a fixed address":    {"iface eth0,address=10.77.0.9/24", "10.77.0.9/24"},
		"by the kernel's word":    {"ipconfig dhcp", "10.77.0.50/24"},
		"with an address for any": {"ipconfig 10.77.0.9:::24", "10.77.0.9/24"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			first := p.cable("eth0", "10.77.0.1/24")
			stop := p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0,1h", "--dhcp-option=option:router,10.77.0.1")
			m, warnings := newManager(t)
			_, stderr, status := run(t.Context(), m, test.line)
			if got := addresses(t, first); status != 0 || got != test.want {
				t.Fatalf("%s: %d, %s; %s", test.line, status, got, stderr)
			}
			stop()
			check(t, netlink.LinkDel(first))
			eventually(t, "no DNS server", func() bool { return resolvText(t, m) == "" })
			second := p.cable("eth0", "10.77.0.1/24")
			p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0,1h", "--dhcp-option=option:router,10.77.0.1")
			eventually(t, "the address again", func() bool { return addresses(t, second) == test.want })
			if strings.HasPrefix(test.want, "10.77.0.50") {
				eventually(t, "the DNS server again", func() bool { return resolvText(t, m) == "nameserver 10.77.0.1\n" })
			}
			if w := warnings(); w != "" {
				t.Error(w)
			}
		})
	}
}

// What cannot be had when a card is put back is tried again.
func TestCardIsPutBackInVain(t *testing.T) {
	m, warnings := newManager(t)
	tries := 0
	c := m.insist(t.Context(), func(context.Context) (*Config, error) {
		if tries++; tries == 1 {
			return nil, errors.New("not now")
		}
		return &Config{Link: "eth0"}, nil
	})
	if c.Link != "eth0" || warnings() != "not now\n" {
		t.Errorf("%v, %q", c, warnings())
	}
	link := newPeer(t).cable("eth0")
	check(t, netlink.LinkDel(link))
	if !untilGone(t.Context(), link) {
		t.Error("one that is gone already is waited for")
	}
}

// The card that the boot loader came by wins, though another answers before it.
func TestBootedCardIsPreferred(t *testing.T) {
	for name, words := range map[string]string{
		"by DHCP":              "dhcp -b 01-02-00-00-00-00-07",
		"by the kernel's word": "ipconfig -b 01-02-00-00-00-00-07 ip=dhcp",
		"by its placeholder":   "ipconfig -b 02:00:00:00:00:07 ip=BOOTIF:dhcp",
		"in our own words":     "iface -b 02-00-00-00-00-07 BOOTIF,dhcp",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			quick := p.cable("eth0", "10.77.0.1/24")
			booted := p.cable("eth1", "10.78.0.1/24")
			check(t, netlink.LinkSetHardwareAddr(booted, net.HardwareAddr{2, 0, 0, 0, 0, 7}))
			asked := p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 { return grant(r, "10.77.0.50") })
			p.serve("eth1", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
				if !strings.Contains(words, "BOOTIF") && asked.count(func(m *dhcpv4.DHCPv4) bool { return m.MessageType() == dhcpv4.MessageTypeRequest }) == 0 {
					return nil
				}
				return grant(r, "10.78.0.50")
			})
			m, _ := newManager(t)
			stdout, stderr, status := run(t.Context(), m, words)
			if status != 0 || !strings.HasPrefix(stdout, "eth1: 10.78.0.50/24") {
				t.Errorf("status %d, %s%s", status, stdout, stderr)
			}
			if got := addresses(t, quick); got != "" {
				t.Errorf("the other has %s", got)
			}
		})
	}
}

// Where that card is not there, or has no cable, others have to do.
func TestBootedCardIsMissing(t *testing.T) {
	for _, mac := range []string{"02-00-00-00-00-09", "02-00-00-00-00-07"} {
		t.Run(mac, func(t *testing.T) {
			p := newPeer(t)
			p.cable("eth0", "10.77.0.1/24")
			booted := p.cable("eth1")
			check(t, netlink.LinkSetHardwareAddr(booted, net.HardwareAddr{2, 0, 0, 0, 0, 7}))
			p.unplug("eth1")
			p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 { return grant(r, "10.77.0.50") })
			m, _ := newManager(t)
			m.times.boot = 0
			stdout, stderr, status := run(t.Context(), m, "dhcp -b 01-"+mac)
			if status != 0 || !strings.HasPrefix(stdout, "eth0: 10.77.0.50/24") {
				t.Errorf("status %d, %s%s", status, stdout, stderr)
			}
		})
	}
	m, _ := newManager(t)
	if _, stderr, status := run(t.Context(), m, "iface BOOTIF,dhcp"); status != 1 || !strings.Contains(stderr, "BOOTIF= is missing") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// Cards get names by their addresses, also those that others have, and whenever they appear.
func TestNames(t *testing.T) {
	p := newPeer(t)
	first, second := p.cable("eth0"), p.cable("eth1")
	check(t, netlink.LinkSetHardwareAddr(first, net.HardwareAddr{2, 0, 0, 0, 0, 1}))
	check(t, netlink.LinkSetHardwareAddr(second, net.HardwareAddr{2, 0, 0, 0, 0, 2}))
	m, warnings := newManager(t)
	for _, line := range []string{
		"ipconfig ifname=eth0:02:00:00:00:00:02 ifname=eth1:02:00:00:00:00:01 ifname=late0:02:00:00:00:00:03 ip=192.0.2.7:::24::eth0",
		"iface lan0,match=02:00:00:00:00:01,address=192.0.2.8/24",
	} {
		if _, stderr, status := run(t.Context(), m, line); status != 0 {
			t.Fatalf("%s: %s", line, stderr)
		}
	}
	if got := addresses(t, second); refresh(t, second).Attrs().Name != "eth0" || got != "192.0.2.7/24" {
		t.Errorf("the second is %s, with %s", refresh(t, second).Attrs().Name, got)
	}
	if got := addresses(t, first); refresh(t, first).Attrs().Name != "lan0" || got != "192.0.2.8/24" {
		t.Errorf("the first is %s, with %s", refresh(t, first).Attrs().Name, got)
	}
	third := p.cable("eth7")
	check(t, netlink.LinkSetHardwareAddr(third, net.HardwareAddr{2, 0, 0, 0, 0, 3}))
	eventually(t, "the name of a card that came later", func() bool { return refresh(t, third).Attrs().Name == "late0" })
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// A bridge takes in its ports when they appear, and again when they are put back; none of them is
// asked for an address of its own.
func TestBridge(t *testing.T) {
	p := newPeer(t)
	t.Cleanup(func() { // after the manager's end, which would make it again
		if link, err := netlink.LinkByName("br0"); err == nil {
			netlink.LinkDel(link)
		}
	})
	m, warnings := newManager(t)
	result := start(func() (*Config, error) {
		return connectIface(m, t, "br0,bridge=eth0|eth1,opts=stp_state=0|ageing_time=6000|no_such=1,mtu=1400,dhcp")
	})
	p.cable("eth1")
	p.serve("eth1", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 { return grant(r, "10.77.0.50") })
	first := p.cable("eth0")
	c, err := result()
	check(t, err)
	if c.Link != "br0" || c.Addresses[0].String() != "10.77.0.50/24" {
		t.Error(c)
	}
	bridge, err := netlink.LinkByName("br0")
	check(t, err)
	if age, err := os.ReadFile("/sys/class/net/br0/bridge/ageing_time"); err != nil || string(age) != "6000\n" || bridge.Attrs().MTU != 1400 {
		t.Errorf("ageing_time %q, %v, MTU %d", age, err, bridge.Attrs().MTU)
	}
	if w := warnings(); w != "br0: option no_such=1: this kernel has no such option of a bridge\n" {
		t.Errorf("warnings %q", w)
	}
	isPort := func(l netlink.Link) bool { return refresh(t, l).Attrs().MasterIndex == bridge.Attrs().Index }
	eventually(t, "the other port", func() bool { return isPort(first) })
	check(t, netlink.LinkDel(first))
	again := p.cable("eth0")
	eventually(t, "the port again", func() bool { return isPort(again) && isUp(refresh(t, again)) })
	if _, err := connectIface(m, t, "br0,bridge=eth0|eth1,address=192.0.2.7/24"); err != nil {
		t.Errorf("the same again: %v", err)
	}
	for spec, want := range map[string]string{
		"eth0,bridge=eth1":                   "make the bridge eth0: an interface of that name is there already",
		"br1,bridge=eth7,opts=stp_state=two": "br1: option stp_state=two: invalid argument",
	} {
		if _, err := connectIface(m, t, spec); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

func connectIface(m *Manager, t *testing.T, spec string) (*Config, error) {
	f, err := ParseIface(spec)
	check(t, err)
	configs, err := m.Connect(t.Context(), &Plan{Ifaces: []*Iface{f}}, patience)
	if err != nil {
		return nil, err
	}
	return configs[0], nil
}

// A kind that the kernel cannot make, and has no module for, is one clear line.
func TestKindThatIsMissing(t *testing.T) {
	_, err := makeLink(&Iface{Name: "x7", Kind: "unheard_of"}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "make the unheard_of x7: this kernel has no unheard_of: CONFIG_") {
		t.Error(err)
	}
}

func TestCard(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0")
	m, _ := newManager(t)
	iface(t, m, "eth0,mac=02:00:00:00:00:09,mtu=1400,address=192.0.2.7/24")
	if a := refresh(t, link).Attrs(); a.HardwareAddr.String() != "02:00:00:00:00:09" || a.MTU != 1400 || !isUp(refresh(t, link)) {
		t.Errorf("%s, MTU %d, up %t", a.HardwareAddr, a.MTU, isUp(refresh(t, link)))
	}
	if _, err := connectIface(m, t, "eth0,speed=100,duplex=half"); err == nil || !strings.HasPrefix(err.Error(), `set speed 100, duplex "half", autoneg "" of eth0: `) {
		t.Errorf("a speed that a card cannot have: %v", err)
	}

	tap := &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: "tap0"}, Mode: netlink.TUNTAP_MODE_TAP}
	check(t, netlink.LinkAdd(tap))
	t.Cleanup(func() { netlink.LinkDel(tap) })
	for _, f := range tap.Fds {
		t.Cleanup(func() { f.Close() })
	}
	iface(t, m, "tap0,speed=2500,duplex=half,autoneg=off")
	for file, want := range map[string]string{"speed": "2500\n", "duplex": "half\n"} {
		if got, err := os.ReadFile(filepath.Join("/sys/class/net/tap0", file)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
}

// An interface for IPv6 alone asks nobody for IPv4, and waits for no answer of its.
func TestIPv6Alone(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "2001:db8:1::1/64", "10.77.0.1/24")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::,ra-only,64,1h", "--dhcp-option=option6:dns-server,[2001:db8:1::53]", "--dhcp-option=option6:domain-search,six.test")
	server := p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 { return nil })
	m, _ := newManager(t)
	m.times.grace = time.Minute // for a DNS server
	c := connect(t, m, "ip=eth0:auto6")
	if line := c.String(); !strings.HasPrefix(line, "eth0: 2001:db8:1:") || !strings.HasSuffix(line, ", DNS 2001:db8:1::53 (IPv6)") {
		t.Error(line)
	}
	if got := resolvText(t, m); got != "search six.test\nnameserver 2001:db8:1::53\n" {
		t.Errorf("resolv.conf %q", got)
	}
	if n := server.count(func(*dhcpv4.DHCPv4) bool { return true }); n > 0 {
		t.Errorf("%d questions for IPv4", n)
	}
}

// The network is up only when names can be resolved, where somebody is to say by whom.
func TestIPv6WaitsForServers(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "2001:db8:1::1/64")
	p.dnsmasq("eth0", "--enable-ra", "--dhcp-range=2001:db8:1::50,2001:db8:1::50,64,1h", "--ra-param=eth0,0,1200", "--dhcp-option=option6:dns-server,[2001:db8:1::54]")
	m, _ := newManager(t)
	c := connect(t, m, "ip=dhcp6")
	if line := c.String(); !strings.Contains(line, "DNS 2001:db8:1::54") {
		t.Error(line)
	}
}
