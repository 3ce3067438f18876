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
	"bootrc/kit/inside"
	"bootrc/kit/regular"
)

// Resolver is how a container finds the addresses of names.
type Resolver struct {
	Servers []string // none of them: the machine's; "none" alone: the image's resolv.conf
	Search  []string // none: the machine's; "." alone: no domain
	Options []string // none: the machine's
	Hosts   []string // further lines of /etc/hosts
	NoHosts bool     // the image's /etc/hosts
	Base    string   // what /etc/hosts begins with: a file, "none", "image", or "" for the machine's
	NoName  bool     // the image's /etc/hostname
}

// What --hosts-file may be in place of a file.
const (
	noHosts    = "none"
	imageHosts = "image"
)

// hostNames are what podman calls the machine in a container that shares its network.
const hostNames = "host.containers.internal host.docker.internal"

// hostGateway stands for the machine's address.
const hostGateway = "host-gateway"

const noServers = "none"

var resolver = slice{
	options: []command.Option{
		{Names: "--dns", Value: "ADDRESS", Kind: command.Commas, Check: checkServer, Help: "ask the server at ADDRESS; none: keep the image's own resolv.conf"},
		{Names: "--dns-search", Value: "DOMAIN", Kind: command.Commas, Help: "look for names in DOMAIN; .: in none"},
		{Names: "--dns-option, --dns-opt", Value: "OPTION", Kind: command.Commas, Help: "set an option of resolv.conf(5)"},
		{Names: "--hosts-file", Value: "FILE|none|image", Help: "begin /etc/hosts with FILE in place of the machine's, with the image's or with nothing"},
		{Names: "--no-hostname", Help: "leave the image's /etc/hostname as it is"},
		{Names: "--no-hosts", Help: "leave the image's /etc/hosts as it is"},
		{Names: "--add-host", Value: "NAME[;NAME]…:ADDRESS", Kind: command.Commas, Help: "add a line to /etc/hosts",
			Check: checkQuoting(parseHost)},
	},
	read:  readResolver,
	write: writeResolver,
}

func readResolver(call *command.Call, v *Invocation) error {
	r := &v.Options.Resolver
	r.Servers, r.Search, r.Options, r.NoHosts = call.List("dns"), call.List("dns-search"), call.List("dns-option"), call.Flag("no-hosts")
	for _, text := range call.List("add-host") {
		line, _ := parseHost(text)
		r.Hosts = append(r.Hosts, line)
	}
	r.NoName, r.Base = call.Flag("no-hostname"), call.Text("hosts-file")
	if r.Base != "" && r.Base != noHosts && r.Base != imageHosts {
		r.Base = call.Path(r.Base)
		if _, err := os.Stat(r.Base); err != nil {
			return call.Wrong("hosts-file", err)
		}
	}
	switch {
	case r.Base != "" && r.NoHosts:
		return command.Usagef("--no-hosts and --hosts-file exclude each other")
	case len(r.Servers) > 1 && slices.Contains(r.Servers, noServers):
		return command.Usagef("--dns=none leaves no place for other servers")
	case len(r.Hosts) > 0 && r.NoHosts:
		return command.Usagef("--no-hosts and --add-host exclude each other")
	}
	return nil
}

func checkServer(text string) error {
	if _, err := netip.ParseAddr(text); err != nil && text != noServers {
		return fmt.Errorf("expected an IP address or none, got %q", text)
	}
	return nil
}

// parseHost returns a line of /etc/hosts.
func parseHost(text string) (line string, err error) {
	names, address, _ := strings.Cut(text, ":")
	if address == hostGateway {
		address = "127.0.0.1"
	}
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
	if d.options.Network == nsNone {
		resolv = nil // whom it names is out of reach
	}
	r := d.options.Resolver
	base, err := r.baseHosts(d.bundle.Root())
	if err != nil {
		return fmt.Errorf("/etc/hosts: %w", err)
	}
	for _, f := range []struct {
		name, content string
		images        bool // leave what the image has
	}{
		{"/etc/resolv.conf", r.resolvConf(string(resolv)), slices.Equal(r.Servers, []string{noServers})},
		{"/etc/hosts", r.hostsFile(base, d.hostname, d.options.Network != nsNone), r.NoHosts},
		{"/etc/hostname", d.hostname + "\n", r.NoName},
		{"/run/.containerenv", containerEnv(d), isMounted(d.Mounts, "/run")},
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

// containerEnv tells programs that they are in a container, and with --privileged in which
// one: podman-run(1), "DESCRIPTION".
func containerEnv(d *draft) string {
	if !d.options.Privileged {
		return ""
	}
	return fmt.Sprintf("engine=%q\nname=%q\nid=%q\nimage=%q\nrootless=0\n", "bootrc", d.name, d.name, d.image.Name)
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

// baseHosts is what a container's /etc/hosts begins with.
func (r Resolver) baseHosts(root string) ([]byte, error) {
	const hosts = "/etc/hosts"
	var base []byte
	var err error
	switch r.Base {
	case noHosts:
		return nil, nil
	case imageHosts:
		image, err := inside.Open(root)
		if err != nil {
			return nil, err
		}
		defer image.Close()
		base, err = regular.ReadIn(image, hosts, maxText)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return base, err
	case "":
		if base, err = regular.Read(hosts, maxText); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return base, err
	}
	return readText(r.Base)
}

// hostsFile makes a container's /etc/hosts: of two lines for a name, the first counts.
func (r Resolver) hostsFile(base []byte, hostname string, shared bool) string {
	lines := slices.Clone(r.Hosts)
	for line := range strings.Lines(string(base)) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 1 {
			lines = append(lines, words[0]+"\t"+strings.Join(words[1:], " "))
		}
	}
	given := len(lines)
	has := func(name string) bool {
		return slices.ContainsFunc(lines[:given], func(line string) bool { return slices.Contains(strings.Fields(line)[1:], name) })
	}
	own := []string{"127.0.0.1\tlocalhost", "::1\tlocalhost", "127.0.1.1\t" + hostname}
	if shared {
		own = append(own, "127.0.0.1\t"+hostNames)
	}
	for _, line := range own {
		if !has(strings.Fields(line)[1]) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
