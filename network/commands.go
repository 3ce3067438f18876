package network

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/seconds"
)

// Commands returns the commands of this package. What they leave running in the
// background ends with life, and complains on the process's standard error.
func Commands(life context.Context) []command.Command {
	return NewManager(life, func(err error) { fmt.Fprintln(os.Stderr, "network:", err) }).Commands()
}

// Commands returns the commands that work on this manager's network.
func (m *Manager) Commands() []command.Command {
	return []command.Command{
		{
			Name: "dhcp", Summary: "configure the first interface that gets an answer, of those that match a PATTERN or else of all that a cable belongs to", Operands: "[PATTERN…]",
			Options: limitOption(), Run: m.runDHCP,
		},
		{
			Name: "iface", Summary: "configure an interface, as b2c.iface= does", Operands: "INTERFACE", Options: limitOption(),
			Forms: []string{"[-t SECONDS] [-o KEY=VALUE[,KEY=VALUE]…]… NAME[,auto][,address=CIDR][,gateway=IP][,route=DST:GW]…[,nameserver=IP]…[,forward]"}, Run: m.runIface,
			Examples: []string{"iface eth0,address=192.0.2.7/24,gateway=192.0.2.1,nameserver=192.0.2.1"},
		},
		ipCommand(),
		{
			Name: "ipconfig", Summary: "configure the network, as the kernel's ip= does", Operands: "PARAM",
			Options: limitOption(), Run: m.runIPConfig,
			Examples: []string{"ipconfig dhcp", "ipconfig 192.0.2.7::192.0.2.1:24::eth0"},
		},
		{
			Name: "nslookup", Summary: "ask a DNS server for a name or an address", Operands: "NAME [SERVER]", Run: runNslookup,
			Statuses: []string{"1: the server does not answer, or does not know NAME"},
		},
		m.ntpdateCommand(), pingCommand(),
	}
}

func (m *Manager) runDHCP(ctx context.Context, call *command.Call) error {
	m.takeExtras(call)
	stop := m.tellNews(call)
	c, err := m.DHCP(ctx, call.Args, call.Seconds("t"))
	stop()
	return settle(call, c, err)
}

func (m *Manager) runIface(ctx context.Context, call *command.Call) error {
	f, err := ParseIface(call.Args[0])
	if err != nil {
		return err
	}
	for _, word := range f.Unknown {
		fmt.Fprintf(call.Stderr, "B2C_WARNING: b2c.iface=%s: unknown key %q; known are %s\n", f.Name, word, ifaceKeys)
	}
	m.takeExtras(call)
	stop := m.tellNews(call)
	c, err := m.Iface(ctx, f, call.Seconds("t"))
	stop()
	return settle(call, c, err)
}

func (m *Manager) runIPConfig(ctx context.Context, call *command.Call) error {
	p, err := ParseIPParam(call.Args[0])
	if err != nil {
		return err
	}
	m.takeExtras(call)
	stop := m.tellNews(call)
	c, err := m.IPConfig(ctx, p, call.Seconds("t"))
	stop()
	if c == nil && err == nil {
		call.Printf("ip=%s: the network is left as it is\n", call.Args[0])
		return nil
	}
	return settle(call, c, err)
}

// limitOption are the options of commands that wait for the network and may ask DHCP servers.
func limitOption() []command.Option {
	return []command.Option{
		{Names: "-t", Value: "SECONDS", Kind: command.Seconds, Default: format(DefaultLimit), Check: checkLimit, Help: "give up after that time"},
		{Names: "-o", Value: "KEY=VALUE[,KEY=VALUE]…", Kind: command.List, Check: checkExtras,
			Help: "tell DHCP servers more, as b2c.dhcp= does; keys: " + extrasKeys},
	}
}

func checkExtras(text string) error {
	_, err := ParseExtras([]string{text})
	return err
}

// takeExtras takes over what the options say of DHCP, which have been checked.
func (m *Manager) takeExtras(call *command.Call) {
	e, _ := ParseExtras(call.List("o"))
	for _, word := range e.Unknown {
		fmt.Fprintf(call.Stderr, "B2C_WARNING: b2c.dhcp=%s: unknown key; known are %s\n", word, extrasKeys)
	}
	m.SetExtras(e)
}

// settle prints the one line that says how an interface is configured, and takes
// over the machine's name.
func settle(call *command.Call, c *Config, err error) error {
	if err != nil {
		return err
	}
	call.Printf("%s\n", c)
	return nameMachine(c.Hostname)
}

// familyOptions are the -4 and -6 of commands that know both families of addresses.
func familyOptions() []command.Option {
	return []command.Option{
		{Names: "-4", Help: "only IPv4"},
		{Names: "-6", Help: "only IPv6"},
	}
}

// family tells which of the familyOptions was given: 4, 6 or 0 for neither.
func family(call *command.Call) (int, error) {
	switch four, six := call.Flag("4"), call.Flag("6"); {
	case four && six:
		return 0, command.Usagef("-4 and -6 exclude each other")
	case four:
		return 4, nil
	case six:
		return 6, nil
	}
	return 0, nil
}

// checkLimit refuses limits of time that make no sense for a network.
func checkLimit(text string) error {
	if d, _ := seconds.Parse(text); d <= 0 || d > 24*time.Hour {
		return fmt.Errorf("expected a time above 0, up to 1d, got %q", text)
	}
	return nil
}

// checkCount refuses to do something not once.
func checkCount(text string) error {
	if strings.Trim(text, "0") == "" {
		return fmt.Errorf("expected 1 or more, got %s", text)
	}
	return nil
}

func format(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
