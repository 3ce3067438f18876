package network

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestResolvConf(t *testing.T) {
	r := &resolvConf{path: filepath.Join(t.TempDir(), "etc", "resolv.conf")}
	for _, step := range []struct {
		source, servers, search string
		want                    string
	}{
		{"eth0 DHCP", "10.0.0.1 10.0.0.2", "a.test", "search a.test|nameserver 10.0.0.1|nameserver 10.0.0.2"},
		{"eth0 IPv6", "2001:db8::1 fe80::1%eth0", "b.test a.test", "search a.test b.test|nameserver 10.0.0.1|nameserver 2001:db8::1|nameserver 10.0.0.2|nameserver fe80::1%eth0"},
		{"eth0 DHCP", "10.0.0.9", "", "search b.test a.test|nameserver 10.0.0.9|nameserver 2001:db8::1|nameserver fe80::1%eth0"},
		{"eth1 DHCP", "10.0.0.9 10.1.0.1 10.1.0.2 10.1.0.3", "", "search b.test a.test|nameserver 10.0.0.9|nameserver 2001:db8::1|nameserver 10.1.0.1|nameserver fe80::1%eth0|nameserver 10.1.0.2"},
		{"eth0 IPv6", "", "", "nameserver 10.0.0.9|nameserver 10.1.0.1|nameserver 10.1.0.2"},
		{"eth2 DHCP", "", "x\ny", "nameserver 10.0.0.9|nameserver 10.1.0.1|nameserver 10.1.0.2"},
	} {
		var servers []netip.Addr
		for _, s := range strings.Fields(step.servers) {
			servers = append(servers, netip.MustParseAddr(s))
		}
		search := strings.Split(step.search, " ")
		if step.search == "" {
			search = nil
		}
		check(t, r.set(step.source, servers, search))
		content, err := os.ReadFile(r.path)
		check(t, err)
		if got := strings.ReplaceAll(strings.TrimSpace(string(content)), "\n", "|"); got != step.want {
			t.Errorf("after %s says %s:\ngot  %s\nwant %s", step.source, step.servers, got, step.want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(r.path))
	check(t, err)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestResolvConfCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o644))
	r := &resolvConf{path: filepath.Join(file, "resolv.conf")}
	err := r.set("eth0", []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil)
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v does not name the file", err)
	}
}

// What two sources name is one server of a link.
func TestServersOfALink(t *testing.T) {
	r := &resolvConf{path: filepath.Join(t.TempDir(), "resolv.conf")}
	both, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	check(t, r.set("eth0 IPv6", []netip.Addr{both}, nil))
	check(t, r.set("eth0 DHCPv6", []netip.Addr{other, both}, nil))
	check(t, r.set("eth1 DHCP", []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil))
	if got := join(r.servers("eth0"), " "); got != "2001:db8::1 2001:db8::2" {
		t.Error(got)
	}
}
