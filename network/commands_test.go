package network

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bootrc/kit/command"
	"bootrc/test/program"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

// run runs a command as the shell would, and returns what it printed and its
// status.
func run(ctx context.Context, m *Manager, line string) (stdout, stderr string, status command.Status) {
	return runTo(ctx, m, line, func(string) {})
}

// told tells somebody what is written to it.
type told struct {
	strings.Builder
	somebody func(text string)
}

func (w *told) Write(p []byte) (int, error) {
	w.somebody(string(p))
	return w.Builder.Write(p)
}

// runTo runs a command, and tells what it prints when it does.
func runTo(ctx context.Context, m *Manager, line string, somebody func(text string)) (stdout, stderr string, status command.Status) {
	words := strings.Fields(line)
	out := told{somebody: somebody}
	var errors strings.Builder
	for _, c := range m.Commands() {
		if c.Name == words[0] {
			status = c.Execute(ctx, &command.Call{Name: c.Name, Args: words[1:], Dir: "/", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errors})
		}
	}
	return out.String(), errors.String(), status
}

func TestCommandUsage(t *testing.T) {
	m, _ := newManager(t)
	for line, want := range map[string]string{
		"dhcp -t 0":                            "dhcp: -t: expected a time above 0, up to 1d, got \"0\"\nusage: dhcp [-t SECONDS] [-b MAC] [-o KEY=VALUE[,KEY=VALUE]…]… [PATTERN…]\n",
		"dhcp -x":                              "dhcp: unknown option -x\n",
		"iface":                                "iface: expected 1 operand or more, got 0\n",
		"ipconfig -t x":                        "ipconfig: -t: \"x\" is not a time",
		"ip":                                   "ip: expected address, link, route or neighbour\n",
		"ip tunnel":                            "ip: expected address, link, route or neighbour, got \"tunnel\"\n",
		"ip addr flush":                        "ip: expected show, add or delete, got \"flush\"\nusage: ip address\n",
		"ip -4 -6 addr":                        "ip: -4 and -6 exclude each other\n",
		"ip link set eth0":                     "ip: expected at least 2 operands, got 1\nusage: ip link set [dev] DEV up|down\n",
		"ip link set eth0 on":                  "ip: expected an interface, and up or down\n",
		"ip addr add 10.0.0.1/8":               "ip: expected 3 operands, got 1\nusage: ip address add CIDR dev DEV\n",
		"ip addr add 10.0.0.1/8 dev":           "ip: expected 3 operands, got 2\n",
		"ip addr add dev lo dev":               "ip: expected a value after dev\n",
		"ip addr add 10.0.0.1/8 10.0.0.2/8 lo": "ip: expected one address, got 10.0.0.1/8 and 10.0.0.2/8\n",
		"ip route add default":                 "ip: expected a destination, and via IP or dev DEV\n",
		"ping":                                 "ping: expected 1 operand, got 0\n",
		"ping -c 0 localhost":                  "ping: -c: expected 1 or more, got 0\n",
		"ping -W never localhost":              "ping: -W: \"never\" is not a time: ",
		"nslookup":                             "nslookup: expected at least 1 operand, got 0\n",
	} {
		_, stderr, status := run(t.Context(), m, line)
		if status != 2 || !strings.HasPrefix(stderr, want) || !strings.Contains(stderr, "\nusage: ") {
			t.Errorf("%s: status %d, %q, want %q", line, status, stderr, want)
		}
	}
	for line, want := range map[string]string{
		"ipconfig dhpc":                            "ipconfig: ip=dhpc: no IP address, and",
		"ipconfig team=a:b":                        "ipconfig: team=a:b: there are no teams here",
		"ip link set eth9 up":                      "ip: no interface is named eth9; there are lo (`lspci` lists the hardware)\n",
		"ip addr show eth9":                        "ip: no interface is named eth9; there are lo (`lspci` lists the hardware)\n",
		"ip addr add 10.0.0.1/8 dev eth9":          "ip: no interface is named eth9; there are lo (`lspci` lists the hardware)\n",
		"ip addr add 10.0.0.300 dev lo":            `ip: "10.0.0.300" is not ADDRESS/LENGTH`,
		"ip addr del 10.9.9.9/8 dev lo":            "ip: delete 10.9.9.9/8 from lo: cannot assign requested address\n",
		"ip route add default via fe80::1%lo":      `ip: "fe80::1%lo": an address with a zone`,
		"ip route add 10.0.0.0/8 via fe80::1":      "ip: 10.0.0.0/8 and fe80::1 are of different families\n",
		"ip route add 10.0.0.0/8 via 198.51.100.1": "ip: add route to 10.0.0.0/8: network is unreachable\n",
		"ip route del 10.0.0.0/8":                  "ip: delete route to 10.0.0.0/8: no such process\n",
	} {
		_, stderr, status := run(t.Context(), m, line)
		if status != 1 || !strings.HasPrefix(stderr, want) {
			t.Errorf("%s: status %d, %q, want %q", line, status, stderr, want)
		}
	}
}

// Our ip shows what iproute2's shows. Both run on the same interfaces; what ours
// leaves out is cut from the other's.
func TestIPShowsAsIproute2(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0")
	p.cable("eth1")
	p.unplug("eth1")
	m, _ := newManager(t)
	check(t, loopbackUp())
	for _, line := range []string{
		"ip link set dev eth0 up",
		"ip link set eth1 up",
		"ip addr add 192.0.2.7/24 dev eth0",
		"ip addr add 192.0.2.8/24 dev eth0",
		"ip a a 198.51.100.1/32 dev eth0",
		"ip addr add 2001:db8::7/64 dev eth0",
		"ip route add default via 192.0.2.1 dev eth0",
		"ip route add 203.0.113.0/24 via 192.0.2.9",
		"ip route add 203.0.113.9 dev eth0",
		"ip -6 route add default via 2001:db8::1 dev eth0",
		"ip r add 2001:db8:9::/48 via 2001:db8::9",
	} {
		if _, stderr, status := run(t.Context(), m, line); status != 0 {
			t.Fatalf("%s: %s", line, stderr)
		}
	}
	for _, line := range []string{
		"ip addr", "ip -4 addr", "ip -6 addr show dev eth0", "ip addr show eth0", "ip link", "ip link show lo",
		"ip -br addr", "ip -br link", "ip route", "ip r s", "ip route show dev eth0", "ip -6 route",
	} {
		// the kernel may still be making up its mind on an IPv6 address
		eventually(t, "the same from both: "+line, func() bool {
			ours, stderr, status := run(t.Context(), m, line)
			theirs, err := exec.CommandContext(t.Context(), program.Need(t, "ip"), strings.Fields(line)[1:]...).Output()
			check(t, err)
			same := status == 0 && tidy(ours) == tidy(string(theirs))
			if !same {
				t.Logf("%s:\n%s%s\nwant\n%s", line, ours, stderr, theirs)
			}
			return same
		})
	}

	for _, line := range []string{
		"ip addr del 198.51.100.1/32 dev eth0", "ip route del 203.0.113.9", "ip route del default via 192.0.2.1",
		"ip -6 route delete default", "ip link set eth0 down",
	} {
		if _, stderr, status := run(t.Context(), m, line); status != 0 {
			t.Errorf("%s: %s", line, stderr)
		}
	}
	if out, _, _ := run(t.Context(), m, "ip -br addr show eth0"); !regexp.MustCompile(`^eth0@if\d+ +DOWN +192\.0\.2\.7/24 192\.0\.2\.8/24 \n$`).MatchString(out) {
		t.Errorf("in the end: %q", out)
	}
}

// tidy cuts what depends on iproute2's age.
func tidy(s string) string {
	s = regexp.MustCompile(` (pref medium|proto kernel_l[lo]|link-netns(id)? \S+|onlink)`).ReplaceAllString(s, "")
	return regexp.MustCompile(` +\n`).ReplaceAllString(s, "\n")
}

func TestPing(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24", "2001:db8::1/64")
	m, _ := newManager(t)
	check(t, loopbackUp())
	iface(t, m, "eth0,address=10.77.0.2/24,address=2001:db8::2/64")
	const number = `\d+(\.\d+)?`
	const rtt = `rtt min/avg/max/mdev = ` + number + `/` + number + `/` + number + `/` + number + ` ms\n$`
	for line, test := range map[string]struct {
		status command.Status
		want   string
	}{
		"ping -c 1 10.77.0.1": {0, `^PING 10\.77\.0\.1 \(10\.77\.0\.1\) 56\(84\) bytes of data\.\n` +
			`64 bytes from 10\.77\.0\.1: icmp_seq=1 ttl=64 time=` + number + ` ms\n\n` +
			`--- 10\.77\.0\.1 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time \d+ms\n` + rtt},
		"ping -c 2 127.0.0.1":            {0, `(?s)icmp_seq=2 .*\n2 packets transmitted, 2 received, 0% packet loss`},
		"ping -c 1 ::1":                  {0, `^PING ::1\(::1\) 56 data bytes\n64 bytes from ::1: icmp_seq=1 ttl=64 time=`},
		"ping -6 -c 1 2001:db8::1":       {0, `64 bytes from 2001:db8::1: icmp_seq=1 ttl=64`},
		"ping -c 1 -W 0.3 10.77.0.9":     {1, `\n1 packets transmitted, 0 received, 100% packet loss, time \d+ms\n$`},
		"ping -c 1 -W 0.3 192.0.2.1":     {1, `1 packets transmitted, 0 received`},
		"ping -c 1 -4 ::1":               {2, `^$`},
		"ping -c 1 no-such-host.invalid": {2, `^$`},
	} {
		stdout, stderr, status := run(t.Context(), m, line)
		if status != test.status || !regexp.MustCompile(test.want).MatchString(stdout) || status == 2 && stderr == "" {
			t.Errorf("%s: status %d\n%s%s\nwant %s", line, status, stdout, stderr, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if stdout, _, status := runTo(ctx, m, "ping 127.0.0.1", func(line string) {
		if strings.Contains(line, "icmp_seq=1 ") {
			cancel()
		}
	}); status != 0 || !strings.Contains(stdout, "1 packets transmitted, 1 received") {
		t.Errorf("interrupted: status %d\n%s", status, stdout)
	}
}

func TestNslookup(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	p.dnsmasq("eth0")
	m, _ := newManager(t)
	iface(t, m, "eth0,address=10.77.0.2/24,nameserver=10.77.0.1")
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	check(t, os.WriteFile(conf, []byte("search example.test\nnameserver 10.77.0.1\n"), 0o644))
	check(t, unix.Mount(conf, "/etc/resolv.conf", "", unix.MS_BIND, ""))
	t.Cleanup(func() { unix.Unmount("/etc/resolv.conf", unix.MNT_DETACH) })

	const header = "Server:\t\t10.77.0.1\nAddress:\t10.77.0.1#53\n\n"
	for line, test := range map[string]struct {
		status command.Status
		want   string
	}{
		"nslookup server.example.test":           {0, header + "Name:\tserver.example.test\nAddress: 192.0.2.80\nName:\tserver.example.test\nAddress: 2001:db8::80\n"},
		"nslookup server.example.test 10.77.0.1": {0, header + "Name:\tserver.example.test\nAddress: 192.0.2.80\nName:\tserver.example.test\nAddress: 2001:db8::80\n"},
		"nslookup 192.0.2.80":                    {0, header + "192.0.2.80\tname = server.example.test.\n"},
		"nslookup nothing.invalid 10.77.0.1":     {1, header + "** server can't find nothing.invalid: "},
	} {
		stdout, stderr, status := run(t.Context(), m, line)
		if status != test.status || !strings.HasPrefix(stdout, test.want) || stderr != "" {
			t.Errorf("%s: status %d\n%s%s\nwant %s", line, status, stdout, stderr, test.want)
		}
	}
}

func TestConfigurationCommands(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	p.dnsmasq("eth0", "--dhcp-range=10.77.0.50,10.77.0.50,255.255.255.0,1h")
	m, _ := newManager(t)
	m.times.boot = 0
	const dhcp = "eth0: 10.77.0.50/24, gateway 10.77.0.1, DNS 10.77.0.1 (DHCP from 10.77.0.1, lease 1 hour)\n"
	for _, test := range []struct{ line, want string }{
		{"dhcp", dhcp},
		{"dhcp -t 10 e*0", dhcp},
		{"iface eth0,dhcp", dhcp},
		{"iface eth0,address=10.77.0.3/24", "eth0: 10.77.0.3/24 (static)\n"},
		{"ipconfig 10.77.0.4:::24::eth0", "eth0: 10.77.0.4/24 (static)\n"},
		{"ipconfig off", "off: the network is left as it is\n"},
		{"ipconfig -b 01-52-54-00-12-34-56 ip=eth0:dhcp", dhcp},
	} {
		if stdout, stderr, status := run(t.Context(), m, test.line); status != 0 || stdout != test.want {
			t.Errorf("%s: status %d, %q %s, want %q", test.line, status, stdout, stderr, test.want)
		}
	}
	const warning = "B2C_WARNING: b2c.iface=eth0: unknown key \"adress=10.77.0.5/24\"; did you mean \"address\"?; known are auto,"
	stdout, stderr, status := run(t.Context(), m, "iface eth0,adress=10.77.0.5/24,address=10.77.0.6/24")
	if status != 0 || stdout != "eth0: 10.77.0.6/24 (static)\n" || !strings.HasPrefix(stderr, warning) {
		t.Errorf("unknown key: status %d, %q, %q, want %q", status, stdout, stderr, warning)
	}
	stdout, stderr, status = run(t.Context(), m, "dhcp -b whatever")
	if status != 0 || stdout != dhcp || !strings.HasPrefix(stderr, "B2C_WARNING: BOOTIF=whatever: expected a hardware address") {
		t.Errorf("bad BOOTIF: status %d, %q, %q", status, stdout, stderr)
	}
}
