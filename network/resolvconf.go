package network

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"bootrc/kit/durable"
)

// resolvConf merges the DNS servers that several sources name into one
// resolv.conf(5).
type resolvConf struct {
	path string

	mu      sync.Mutex
	sources []dnsSource
}

type dnsSource struct {
	name    string
	servers []netip.Addr
	search  []string
}

// set makes servers and search all that a source says, such as "eth0 DHCP", and rewrites the
// file if that changes anything. A source keeps the rank at which it first
// spoke; one that says nothing is forgotten.
func (r *resolvConf) set(source string, servers []netip.Addr, search []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()

	said := dnsSource{source, servers, search}
	i := slices.IndexFunc(r.sources, func(s dnsSource) bool { return s.name == source })
	silent := len(servers) == 0 && len(search) == 0
	switch {
	case i < 0 && silent:
		return nil
	case i < 0:
		r.sources = append(r.sources, said)
	case silent:
		r.sources = slices.Delete(r.sources, i, i+1)
	case slices.Equal(r.sources[i].servers, servers) && slices.Equal(r.sources[i].search, search):
		return nil
	default:
		r.sources[i] = said
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o755); err != nil {
		return err
	}
	return durable.WriteFile(r.path, render(r.sources), 0o644)
}

// servers are those that the sources of a link name.
func (r *resolvConf) servers(link string) []netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	var servers []netip.Addr
	for _, s := range r.sources {
		if strings.HasPrefix(s.name, link+" ") {
			for _, a := range s.servers { // a router and a DHCPv6 server may name the same
				if !slices.Contains(servers, a) {
					servers = append(servers, a)
				}
			}
		}
	}
	return servers
}

// render writes the merged file: up to three servers a family, the families in
// turn, because resolvers read no more than three lines and both families should
// be among them.
func render(sources []dnsSource) []byte {
	const perFamily = 3
	var v4, v6 []netip.Addr
	var search []string
	for _, s := range sources {
		search = append(search, s.search...)
		for _, a := range s.servers {
			family := &v6
			if a.Is4() {
				family = &v4
			}
			if len(*family) < perFamily && !slices.Contains(*family, a) {
				*family = append(*family, a)
			}
		}
	}

	var b bytes.Buffer
	if search = domains(search); len(search) > 0 {
		b.WriteString("search")
		for _, d := range search {
			b.WriteString(" " + d)
		}
		b.WriteByte('\n')
	}
	for i := range perFamily {
		for _, family := range [][]netip.Addr{v4, v6} {
			if i < len(family) {
				fmt.Fprintf(&b, "nameserver %s\n", family[i])
			}
		}
	}
	return b.Bytes()
}
