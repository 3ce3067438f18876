package network

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
)

// kernelConfig returns what the kernel configured, or nil if it did not. The file
// alone does not tell: it is there, with the parameter's own servers, also when
// the kernel found no device because its driver is a module.
func (m *Manager) kernelConfig(device string) (*Config, error) {
	content, err := os.ReadFile(filepath.Join(m.proc, "net", "pnp"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("learn what the kernel configured: %w", err)
	}
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list the interfaces: %w", err)
	}
	for _, l := range links {
		if device != Any && l.Attrs().Name != device {
			continue
		}
		c := m.current(l, netlink.FAMILY_V4, "by the kernel")
		if len(c.Addresses) == 0 {
			continue
		}
		c.DNS, c.Search = parsePNP(string(content))
		return c, m.resolv.set(c.Link+" kernel", c.DNS, c.Search)
	}
	return nil, nil
}

// parsePNP reads the servers and the domain in /proc/net/pnp
// (Documentation/admin-guide/nfs/nfsroot.rst). What is no address, or no domain,
// is left out: a DHCP server may have said so.
func parsePNP(content string) (servers []netip.Addr, search []string) {
	for line := range strings.Lines(content) {
		words := strings.Fields(line)
		if len(words) != 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			if a, err := parseAddr(words[1]); err == nil && !a.IsUnspecified() {
				servers = append(servers, a)
			}
		case "domain":
			search = append(search, words[1])
		}
	}
	return servers, domains(search)
}
