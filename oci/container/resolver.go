package container

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"

	"bootrc/kit/command"
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

var resolver = slice{
	options: []command.Option{
		{Names: "--dns", Value: "ADDRESS", Kind: command.List, Check: checkServers, Help: "ask the server at ADDRESS; none: keep the image's own resolv.conf"},
		{Names: "--dns-search", Value: "DOMAIN", Kind: command.List, Help: "look for names in DOMAIN; .: in none"},
		{Names: "--dns-option, --dns-opt", Value: "OPTION", Kind: command.List, Help: "set an option of resolv.conf(5)"},
		{Names: "--no-hosts", Help: "leave the image's /etc/hosts as it is"},
		{Names: "--add-host", Value: "NAME[;NAME]…:ADDRESS", Kind: command.List, Help: "add a line to /etc/hosts",
			Check: checkQuoting(parseHost)},
	},
	read:  readResolver,
	write: writeResolver,
}

func readResolver(call *command.Call, v *Invocation) error {
	r := &v.Options.Resolver
	r.Search, r.Options, r.NoHosts = call.List("dns-search"), call.List("dns-option"), call.Flag("no-hosts")
	for _, text := range call.List("dns") {
		r.Servers = append(r.Servers, strings.Split(text, ",")...)
	}
	for _, text := range call.List("add-host") {
		line, _ := parseHost(text)
		r.Hosts = append(r.Hosts, line)
	}
	switch {
	case len(r.Servers) > 1 && slices.Contains(r.Servers, noServers):
		return command.Usagef("--dns=none leaves no place for other servers")
	case len(r.Hosts) > 0 && r.NoHosts:
		return command.Usagef("--no-hosts and --add-host exclude each other")
	}
	return nil
}

func checkServers(text string) error {
	for server := range strings.SplitSeq(text, ",") {
		if _, err := netip.ParseAddr(server); err != nil && server != noServers {
			return fmt.Errorf("expected an IP address or none, got %q", server)
		}
	}
	return nil
}

// parseHost returns a line of /etc/hosts.
func parseHost(text string) (line string, err error) {
	names, address, _ := strings.Cut(text, ":")
	if _, err := netip.ParseAddr(strings.Trim(address, "[]")); err != nil || names == "" {
		return "", errors.New("expected NAME[;NAME]…:ADDRESS")
	}
	return strings.Trim(address, "[]") + "\t" + strings.ReplaceAll(names, ";", " "), nil
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
