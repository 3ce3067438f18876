package network

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
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

	c, err := m.DHCP(t.Context(), DefaultPatterns(), patience)
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

	c, err := m.DHCP(t.Context(), DefaultPatterns(), patience)
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

func TestDHCPInVain(t *testing.T) {
	for name, test := range map[string]struct {
		cables, unplugged []string
		patterns          []string
		want              string
	}{
		"no interface": {
			patterns: []string{"eth*", "en*"},
			want:     `^no network interface named eth\* or en\* appeared within 1 second \(is its driver loaded\?\)$`,
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
