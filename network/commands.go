package network

import (
	"context"
	"errors"
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
			Name: "iface", Summary: "configure interfaces, all at once, as b2c.iface= does", Operands: "INTERFACE…", Options: limitOption(),
			Forms: []string{"[-t SECONDS] [-b MAC] [-o KEY=VALUE[,KEY=VALUE]…]… NAME[,KEY[=VALUE]]…"}, Text: "Keys: " + knownKeys() + ".", Run: m.runIface,
			Examples: []string{
				"iface eth0,address=192.0.2.7/24,gateway=192.0.2.1,nameserver=192.0.2.1",
				"iface 'bond0,bond=eth0|eth1,opts=mode=802.3ad|miimon=100' bond0.5,vlan=5:bond0,dhcp",
			},
		},
		ipCommand(),
		{
			Name: "ipconfig", Summary: "configure the network, as the kernel's ip= and dracut's words do", Operands: "[WORD…]",
			Forms:   []string{"[-t SECONDS] [-b MAC] [-o KEY=VALUE[,KEY=VALUE]…]… [[ip=]PARAM|NAME=VALUE]…"},
			Text:    "Words: ip=, bond=, bridge=, vlan=, ifname=, nameserver=, rd.route= and rd.neednet=.",
			Options: limitOption(), Run: m.runIPConfig,
			Examples: []string{"ipconfig dhcp", "ipconfig 192.0.2.7::192.0.2.1:24::eth0", "ipconfig bond=bond0:eth0,eth1:mode=1 ip=bond0:dhcp"},
		},
		{
			Name: "nslookup", Summary: "ask a DNS server for a name or an address", Operands: "NAME [SERVER]", Run: runNslookup,
			Statuses: []string{"1: the server does not answer, or does not know NAME"},
		},
		m.ntpdateCommand(), pingCommand(), ssCommand(),
	}
}

func (m *Manager) runDHCP(ctx context.Context, call *command.Call) error {
	m.takeOptions(call)
	stop := m.tellNews(call)
	c, err := m.DHCP(ctx, call.Args, call.Seconds("t"))
	stop()
	if err != nil {
		return err
	}
	return report(call, c)
}

func (m *Manager) runIface(ctx context.Context, call *command.Call) error {
	plan := &Plan{}
	for _, spec := range call.Args {
		f, err := ParseIface(spec)
		if err != nil {
			return err
		}
		for _, word := range f.Unknown {
			plan.Warnings = append(plan.Warnings, fmt.Sprintf("b2c.iface=%s: unknown key %q%s; known are %s", f.Name, word, meantKey(word), knownKeys()))
		}
		for _, address := range f.Bare {
			plan.Warnings = append(plan.Warnings, fmt.Sprintf("b2c.iface=%s: address=%s has no prefix length, and stands for this host alone: write %s/%s",
				f.Name, address, address, usualLength(address)))
		}
		plan.Ifaces = append(plan.Ifaces, f)
	}
	return m.runPlan(ctx, call, plan)
}

func (m *Manager) runIPConfig(ctx context.Context, call *command.Call) error {
	plan, err := ParseWords(call.Args)
	if err != nil {
		return err
	}
	if len(plan.Ifaces) == 0 {
		call.Printf("%s: the network is left as it is\n", strings.Join(call.Args, " "))
	}
	return m.runPlan(ctx, call, plan)
}

// runPlan connects, and says what became of each interface.
func (m *Manager) runPlan(ctx context.Context, call *command.Call, plan *Plan) error {
	m.takeOptions(call)
	for _, text := range plan.Warnings {
		call.Caution(text)
	}
	stop := m.tellNews(call)
	configs, err := m.Connect(ctx, plan, call.Seconds("t"))
	stop()
	return errors.Join(report(call, configs...), err)
}

// limitOption are the options of commands that wait for the network and may ask DHCP servers.
func limitOption() []command.Option {
	return []command.Option{
		{Names: "-t", Value: "SECONDS", Kind: command.Seconds, Default: format(DefaultLimit), Check: checkLimit, Help: "give up after that time"},
		{Names: "-b", Value: "MAC", Help: "prefer the card with that address, by which the boot loader came, as in BOOTIF="},
		{Names: "-o", Value: "KEY=VALUE[,KEY=VALUE]…", Kind: command.List, Check: checkExtras,
			Help: "tell DHCP servers more, as b2c.dhcp= does; keys: " + extrasKeys},
	}
}

func checkExtras(text string) error {
	_, err := ParseExtras([]string{text})
	return err
}

// takeOptions takes over what the options say of DHCP, which has been checked, and of the card. What boot
// loaders write of that should cost nobody the network.
func (m *Manager) takeOptions(call *command.Call) {
	e, _ := ParseExtras(call.List("o"))
	for _, word := range e.Unknown {
		call.Caution(fmt.Sprintf("b2c.dhcp=%s: unknown key; known are %s", word, extrasKeys))
	}
	m.SetExtras(e)
	mac, err := ParseBooted(call.Text("b"))
	if err != nil {
		call.Caution(err.Error())
	}
	m.setBooted(mac)
}

// report prints a line for each interface that says how it is configured, and takes over the
// machine's name.
func report(call *command.Call, configs ...*Config) error {
	for _, c := range configs {
		call.Printf("%s\n", c)
		if err := nameMachine(c.Hostname); err != nil {
			return err
		}
	}
	return nil
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
