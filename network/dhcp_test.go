package network

import (
	"context"
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

func TestDHCP(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0,1h",
		"--dhcp-option=option:mtu,1400", "--domain=example.test", "--dhcp-option=option:domain-search,a.test,b.test",
		"--dhcp-option=option:classless-static-route,192.0.2.0/24,10.77.0.9,0.0.0.0/0,10.77.0.1")
	m, warnings := newManager(t)

	c, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)

	if got, want := c.String(), "eth0: 10.77.0.50/24, gateway 10.77.0.1, DNS 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := addresses(t, link); got != "10.77.0.50/24" {
		t.Errorf("addresses: %s", got)
	}
	for _, want := range []string{"192.0.2.0/24 via 10.77.0.9", "0.0.0.0/0 via 10.77.0.1"} {
		if got := routes(t, link, netlink.FAMILY_V4); !slices.Contains(got, want) {
			t.Errorf("routes %q: without %q", got, want)
		}
	}
	if got := refresh(t, link).Attrs().MTU; got != 1400 {
		t.Errorf("MTU %d", got)
	}
	if got, want := resolvText(t, m), "search a.test b.test\nnameserver 10.77.0.1\n"; got != want {
		t.Errorf("resolv.conf: %q, want %q", got, want)
	}
	list, err := netlink.AddrList(link, netlink.FAMILY_V4)
	check(t, err)
	if v := list[0].ValidLft; v < 3000 || v > 3600 {
		t.Errorf("the kernel keeps the address for %d s, and the lease is of 3600", v)
	}
	if w := warnings(); w != "" {
		t.Error(w)
	}
}

// The first answer wins; what did not answer is left as it was found.
func TestDHCPRace(t *testing.T) {
	p := newPeer(t)
	silent := p.cable("eth0")
	unplugged := p.cable("eth1")
	p.unplug("eth1")
	answering := p.cable("enp1s0", "10.77.1.1/24")
	other := p.cable("lan0", "10.77.2.1/24")
	p.dnsmasq("enp1s0", "--dhcp-range=10.77.1.50,10.77.1.50,255.255.255.0,infinite")
	m, _ := newManager(t)

	c, err := m.DHCP(t.Context(), nil, patience)
	check(t, err)
	if got, want := c.String(), "enp1s0: 10.77.1.50/24, gateway 10.77.1.1, DNS 10.77.1.1 (DHCP from 10.77.1.1, lease for ever)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for link, want := range map[netlink.Link]bool{silent: false, unplugged: false, answering: true, other: false} {
		if got := isUp(refresh(t, link)); got != want {
			t.Errorf("%s is up: %t, want %t", link.Attrs().Name, got, want)
		}
	}
}

func TestDHCPInterfaceAppearsLater(t *testing.T) {
	p := newPeer(t)
	m, _ := newManager(t)
	result := start(func() (*Config, error) { return m.DHCP(t.Context(), []string{"eth0"}, patience) })
	time.Sleep(300 * time.Millisecond)
	p.cable("eth0", "10.77.0.1/24")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0")
	c, err := result()
	check(t, err)
	if c.Link != "eth0" {
		t.Error(c)
	}
}

func TestDHCPCarrierComesLater(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	p.unplug("eth0")
	m, _ := newManager(t)
	result := start(func() (*Config, error) { return m.DHCP(t.Context(), []string{"eth0"}, patience) })
	time.Sleep(300 * time.Millisecond)
	p.plug("eth0")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0")
	_, err := result()
	check(t, err)
}

// A switch with spanning tree has a link long before it forwards anything.
func TestDHCPSpanningTree(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0")
	p.do(func() error {
		const delay = "200" // the least that the kernel takes, in hundredths of a second, of either phase
		bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "br0"}}
		check(t, netlink.LinkAdd(bridge))
		for _, args := range [][]string{
			{"link", "set", "br0", "type", "bridge", "stp_state", "1", "forward_delay", delay},
			{"address", "add", "10.77.0.1/24", "dev", "br0"},
			{"link", "set", "eth0", "master", "br0"},
			{"link", "set", "br0", "up"},
		} {
			if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
				t.Fatalf("ip %q: %v: %s", args, err, out)
			}
		}
		return nil
	})
	p.dnsmasq("br0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0")
	m, _ := newManager(t)
	m.times.news = 50 * time.Millisecond

	stdout, stderr, status := run(t.Context(), m, "dhcp -t 600")
	if want := ": eth0: link, but no answer\n"; status != 0 || !strings.Contains(stdout, want) {
		t.Errorf("status %d, %s%s, want the line %s", status, stderr, stdout, want)
	}
}

// Who waits is told what each card lacks, until a cable is put in.
func TestDHCPNews(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	p.unplug("eth0")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0")
	m, _ := newManager(t)
	m.times.news = 50 * time.Millisecond

	plug := sync.OnceFunc(func() { p.plug("eth0") })
	stdout, stderr, status := runTo(t.Context(), m, "dhcp -t 600", func(text string) {
		if strings.Contains(text, " eth0: no link") {
			plug()
		}
	})
	if status != 0 || !strings.HasSuffix(stdout, "lease 1 hour)\n") {
		t.Errorf("status %d, %s%s", status, stderr, stdout)
	}
}

func TestIsWired(t *testing.T) {
	p := newPeer(t)
	named := func(name string, master int) netlink.LinkAttrs {
		return netlink.LinkAttrs{Name: name, EncapType: "ether", MasterIndex: master}
	}
	for _, tt := range []struct {
		link netlink.Link
		want bool
	}{
		{&netlink.Device{LinkAttrs: named("usb0", 0)}, true},
		{&netlink.Device{LinkAttrs: named("eth0", 0)}, true},
		{&netlink.Device{LinkAttrs: named("lan7", 0)}, true},
		{&netlink.Device{LinkAttrs: named("eth1", 4)}, false}, // a port of a bond
		{&netlink.Device{LinkAttrs: netlink.LinkAttrs{Name: "ib0", EncapType: "infiniband"}}, false},
		{&netlink.Veth{LinkAttrs: named("veth1f2e", 0)}, false},
		{&netlink.Bridge{LinkAttrs: named("docker0", 0)}, false},
		{&netlink.Bond{LinkAttrs: named("bond0", 0)}, false},
		{&netlink.Vlan{LinkAttrs: named("eth0.7", 0)}, false},
		{&netlink.Dummy{LinkAttrs: named("dummy0", 0)}, false},
		{&netlink.Tuntap{LinkAttrs: named("tap0", 0)}, false},
		{refresh(t, p.cable("eth0")), true}, // a container's end of a cable
	} {
		if got := isWired(tt.link); got != tt.want {
			t.Errorf("%s %s: %t, want %t", tt.link.Type(), tt.link.Attrs().Name, got, tt.want)
		}
	}
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	if isWired(lo) {
		t.Error("lo")
	}
}

func TestDHCPInVain(t *testing.T) {
	for name, test := range map[string]struct {
		cables, unplugged []string
		patterns          []string
		want              string
	}{
		"no interface": {
			want: `^no network interface appeared within 1 second; seen so far:\n`,
		},
		"none of that name": {
			cables:   []string{"eth7"},
			patterns: []string{"wan0"},
			want:     `^no network interface named wan0 appeared`,
		},
		"no carrier and no answer": {
			cables:    []string{"eth0", "eth1"},
			unplugged: []string{"eth1"},
			patterns:  []string{"eth*"},
			want:      `^no address by DHCP or IPv6 within 1 second: tried eth[01] \(no (answer|carrier)\), eth[01] \(no (answer|carrier)\)$`,
		},
		"bad pattern": {
			patterns: []string{"eth["},
			want:     `^pattern "eth\[": syntax error in pattern$`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			var links []netlink.Link
			for _, c := range test.cables {
				links = append(links, p.cable(c))
			}
			for _, c := range test.unplugged {
				p.unplug(c)
			}
			m, _ := newManager(t)
			_, err := m.DHCP(t.Context(), test.patterns, time.Second)
			if err == nil || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("error %v, want %s", err, test.want)
			}
			for _, c := range test.unplugged {
				if err != nil && !strings.Contains(err.Error(), c+" (no carrier)") {
					t.Errorf("error %v, want %s without carrier", err, c)
				}
			}
			for _, l := range links {
				if isUp(refresh(t, l)) {
					t.Errorf("%s was left up", l.Attrs().Name)
				}
			}
		})
	}
}

func TestDHCPCancelled(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0")
	m, _ := newManager(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := m.DHCP(ctx, []string{"eth0"}, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
