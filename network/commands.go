package network

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"bootrc/kit/command"
)

// Commands returns the commands of this package. What they leave running in the
// background ends with life, and complains on the process's standard error.
func Commands(life context.Context) []command.Command {
	return NewManager(life, func(err error) { fmt.Fprintln(os.Stderr, "network:", err) }).Commands()
}

// Commands returns the commands that work on this manager's network.
func (m *Manager) Commands() []command.Command {
	return []command.Command{
		{Name: "dhcp", Args: "[-t SECONDS] [PATTERN…]", Summary: "configure the first interface that gets an answer", Run: m.runDHCP},
		{Name: "iface", Args: "NAME[,auto][,address=CIDR][,gateway=IP][,route=DST:GW]…[,nameserver=IP]…[,forward]", Summary: "configure an interface, as b2c.iface= does", Run: m.runIface},
		{Name: "ip", Args: "[-4|-6] [-br] addr|link|route [show [dev DEV]] | link set DEV up|down | addr add|del CIDR dev DEV | route add|del DST [via IP] [dev DEV]", Summary: "show or change interfaces, addresses and routes", Run: runIP},
		{Name: "ipconfig", Args: "PARAM", Summary: "configure the network, as the kernel's ip= does", Run: m.runIPConfig},
		{Name: "nslookup", Args: "NAME [SERVER]", Summary: "ask a DNS server for a name or an address", Run: runNslookup},
		{Name: "ntpdate", Args: "[-q] [-t SECONDS] [-n TRIES] SERVER…", Summary: "set the clock, and the one that runs while the machine is off, by NTP; -q: only say what they say", Run: runNTPDate},
		{Name: "ping", Args: "[-4|-6] [-c COUNT] [-W SECONDS] HOST", Summary: "send echo requests to a host", Run: runPing},
	}
}

func (m *Manager) runDHCP(ctx context.Context, call *command.Call) error {
	flags := newFlags(call.Name)
	seconds := flags.Int("t", int(DefaultLimit/time.Second), "")
	if err := flags.Parse(call.Args); err != nil {
		return &command.UsageError{Err: err}
	}
	if *seconds < 1 || *seconds > 24*60*60 {
		return command.Usagef("-t %d: must be 1 to 86400 seconds", *seconds)
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = DefaultPatterns()
	}
	c, err := m.DHCP(ctx, patterns, time.Duration(*seconds)*time.Second)
	return settle(call, c, err)
}

func (m *Manager) runIface(ctx context.Context, call *command.Call) error {
	if len(call.Args) != 1 {
		return command.Usagef("one interface is needed")
	}
	f, err := ParseIface(call.Args[0])
	if err != nil {
		return err
	}
	c, err := m.Iface(ctx, f, DefaultLimit)
	return settle(call, c, err)
}

func (m *Manager) runIPConfig(ctx context.Context, call *command.Call) error {
	if len(call.Args) != 1 {
		return command.Usagef("one value is needed, such as dhcp")
	}
	p, err := ParseIPParam(call.Args[0])
	if err != nil {
		return err
	}
	c, err := m.IPConfig(ctx, p, DefaultLimit)
	if c == nil && err == nil {
		call.Printf("ip=%s: the network is left as it is\n", call.Args[0])
		return nil
	}
	return settle(call, c, err)
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

// newFlags returns a flag set that prints nothing itself.
func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	return flags
}

// familyFlags adds -4 and -6; the function tells which family was asked for:
// 4, 6 or 0 for both.
func familyFlags(flags *flag.FlagSet) func() (int, error) {
	four := flags.Bool("4", false, "")
	six := flags.Bool("6", false, "")
	return func() (int, error) {
		switch {
		case *four && *six:
			return 0, errors.New("-4 and -6 exclude each other")
		case *four:
			return 4, nil
		case *six:
			return 6, nil
		}
		return 0, nil
	}
}

// parseSeconds parses a number of seconds that may have a fraction.
func parseSeconds(text string) (time.Duration, error) {
	const most = 24 * 60 * 60
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= most) {
		return 0, fmt.Errorf("%q is not a number of seconds", text)
	}
	return time.Duration(n * float64(time.Second)), nil
}
