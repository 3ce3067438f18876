package network

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"bootrc/test/dhcpserver"
)

// Whatever the servers of a network are like, a machine gets what they grant.
func TestServerKinds(t *testing.T) {
	p := newPeer(t)
	link := p.cable("eth0", "10.77.0.1/24")
	for _, kind := range dhcpserver.Kinds {
		if kind.Slow {
			continue // for the bench
		}
		t.Run(kind.Name, func(t *testing.T) {
			p.answer(t, kind)
			m, warnings := newManager(t)
			t.Cleanup(func() { clean(t, link) })
			extras, err := ParseExtras(kind.Tell)
			check(t, err)
			m.SetExtras(extras)
			c, err := m.DHCP(t.Context(), []string{"eth0"}, patience)
			check(t, err)
			got := facts(t, m, link, c)
			for _, fact := range slices.Sorted(maps.Keys(kind.Want)) {
				if got[fact] != kind.Want[fact] {
					t.Errorf("%s: %q, want %q", fact, got[fact], kind.Want[fact])
				}
			}
			if w := warnings(); w != "" {
				t.Errorf("warnings: %s", w)
			}
		})
	}
}

// answer runs a kind of servers at the far end of eth0 for the time of a test.
func (p *peer) answer(t *testing.T, kind dhcpserver.Kind) {
	t.Helper()
	p.do(func() error {
		server, err := dhcpserver.Run("eth0", kind.Answer)
		if err == nil {
			t.Cleanup(server.Close)
		}
		return err
	})
}

// facts are what the machine has, by the names of dhcpserver.
func facts(t *testing.T, m *Manager, link netlink.Link, c *Config) map[string]string {
	t.Helper()
	facts := map[string]string{
		dhcpserver.Lease: addresses(t, link), dhcpserver.Hostname: c.Hostname, dhcpserver.MTU: fmt.Sprint(refresh(t, link).Attrs().MTU),
	}
	var dns, routes []string
	for line := range strings.Lines(resolvText(t, m)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key == "search" {
			facts[dhcpserver.Search] = value
		} else {
			dns = append(dns, value)
		}
	}
	for _, r := range routesOf(link, netlink.FAMILY_V4) {
		switch {
		case r.isDefault():
			facts[dhcpserver.Gateway] = r.Via.String()
		case r.Via.IsValid():
			routes = append(routes, fmt.Sprintf("%s:%s", r.Dst, r.Via))
		}
	}
	slices.Sort(routes)
	facts[dhcpserver.Servers], facts[dhcpserver.Routes] = strings.Join(dns, " "), strings.Join(routes, " ")
	return facts
}

// clean takes from an interface what it was given.
func clean(t *testing.T, link netlink.Link) {
	t.Helper()
	check(t, netlink.LinkSetDown(link))
	list, err := netlink.AddrList(link, netlink.FAMILY_V4)
	check(t, err)
	for _, a := range list {
		check(t, netlink.AddrDel(link, &a))
	}
	check(t, netlink.LinkSetMTU(link, 1500))
}
