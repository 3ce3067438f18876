package container

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Resolver is how a container finds the addresses of names.
type Resolver struct {
	Servers []string // none of them: the machine's; "none" alone: the image's resolv.conf
	Search  []string // none: the machine's; "." alone: no domain
	Options []string // none: the machine's
	Hosts   []string // further lines of /etc/hosts
	NoHosts bool     // the image's /etc/hosts
}

const noServers = "none"

func addResolverFlags(f *pflag.FlagSet, r *Resolver) {
	f.Func("dns", "ADDRESS of a server, or none for the image's own resolv.conf", func(text string) error {
		for _, server := range strings.Split(text, ",") {
			if _, err := netip.ParseAddr(server); err != nil && server != noServers {
				return fmt.Errorf("%s is not an ip address", server)
			}
			r.Servers = append(r.Servers, server)
		}
		if len(r.Servers) > 1 && slices.Contains(r.Servers, noServers) {
			return errors.New("none is not allowed to be specified with other DNS ip addresses")
		}
		return nil
	})
	f.StringArrayVar(&r.Search, "dns-search", nil, "DOMAIN, or . for none")
	f.StringArrayVar(&r.Options, "dns-option", nil, "OPTION of resolv.conf(5)")
	f.BoolVar(&r.NoHosts, "no-hosts", false, "leave the image's /etc/hosts as it is")
	f.Func("add-host", "NAME[;NAME]…:ADDRESS", func(text string) error {
		names, address, _ := strings.Cut(text, ":")
		if _, err := netip.ParseAddr(strings.Trim(address, "[]")); err != nil || names == "" {
			return errors.New("expected NAME[;NAME]…:ADDRESS")
		}
		r.Hosts = append(r.Hosts, strings.Trim(address, "[]")+"\t"+strings.ReplaceAll(names, ";", " "))
		return nil
	})
}

// writeResolver writes the files that tell a container where it is, as podman has
// them: into its own layer, because a mount for each would cost more than all of
// them, and could not be renamed over.
func writeResolver(d *draft) error {
	resolv, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r := d.options.Resolver
	for _, f := range []struct {
		name, content string
		images        bool // leave what the image has
	}{
		{"/etc/resolv.conf", r.resolvConf(string(resolv)), slices.Equal(r.Servers, []string{noServers})},
		{"/etc/hosts", r.hostsFile(d.hostname), r.NoHosts},
		{"/etc/hostname", d.hostname + "\n", false},
		{"/run/.containerenv", "", false},
	} {
		if f.images || isMounted(d.Mounts, f.name) {
			continue
		}
		if err := d.bundle.Replace(f.name, f.content); err != nil {
			return err
		}
	}
	return nil
}

// resolvConf makes a container's /etc/resolv.conf from the machine's.
func (r Resolver) resolvConf(machines string) string {
	if len(r.Servers)+len(r.Search)+len(r.Options) == 0 {
		return machines
	}
	var kept, own strings.Builder
	given := map[string][]string{"nameserver": r.Servers, "search": r.Search, "domain": r.Search, "options": r.Options}
	for _, line := range strings.SplitAfter(machines, "\n") {
		if words := strings.Fields(line); len(words) > 0 && len(given[words[0]]) == 0 {
			kept.WriteString(line)
		}
	}
	if len(r.Search) > 0 && !slices.Equal(r.Search, []string{"."}) {
		fmt.Fprintf(&own, "search %s\n", strings.Join(r.Search, " "))
	}
	for _, server := range r.Servers {
		fmt.Fprintf(&own, "nameserver %s\n", server)
	}
	if len(r.Options) > 0 {
		fmt.Fprintf(&own, "options %s\n", strings.Join(r.Options, " "))
	}
	return own.String() + kept.String()
}

// hostsFile makes a container's /etc/hosts.
func (r Resolver) hostsFile(hostname string) string {
	var b strings.Builder
	for _, line := range r.Hosts {
		b.WriteString(line + "\n")
	}
	b.WriteString("127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t" + hostname + "\n")
	return b.String()
}
