package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"bootrc/test/dhcpserver"
)

// leaseLimit is how long a client may take for a lease.
const leaseLimit = 40 * time.Second

// leaser is a DHCP client: how to run it so that it has done once the lease is there and, for leases that
// are watched, goes on; and what it has then.
type leaser struct {
	args  func(kind dhcpserver.Kind) []string
	facts func() (map[string]string, error)
}

// compareDHCP has each client get a lease from each kind of server.
func compareDHCP(chosen *regexp.Regexp) (table, error) {
	clients := []leaser{ours(), udhcpc()}
	var t table
	for _, kind := range dhcpserver.Kinds {
		if !chosen.MatchString(kind.Name) {
			continue
		}
		row := row{kind: kind.Name}
		for _, client := range clients {
			r, err := getLease(client, kind)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", kind.Name, err)
			}
			row.results = append(row.results, r)
		}
		t = append(t, row)
	}
	return t, nil
}

// getLease runs a client on a new cable to servers.
func getLease(client leaser, kind dhcpserver.Kind) (r result, err error) {
	os.WriteFile("/etc/resolv.conf", nil, 0o644)
	os.Remove(factsFile)
	if err := unix.Sethostname([]byte("(none)")); err != nil {
		return r, err
	}
	server, unplug, err := wire(kind)
	if err != nil {
		return r, err
	}
	defer unplug()
	defer server.Close()
	limited, stop := context.WithTimeout(context.Background(), leaseLimit+kind.Watch)
	defer stop()
	args := client.args(kind)
	begin := time.Now()
	exec.CommandContext(limited, args[0], args[1:]...).Run()
	r.seconds = time.Since(begin).Seconds()
	r.packets = len(server.Requests())
	got, err := client.facts()
	if err != nil {
		return r, err
	}
	r.wrong = difference(got, kind.Want)
	return r, nil
}

// difference names the facts that are not as they should be.
func difference(got, want map[string]string) string {
	if got[dhcpserver.Lease] == "" {
		return "NOTHING"
	}
	var wrong []string
	for fact, value := range want {
		if got[fact] != value {
			wrong = append(wrong, strings.ToUpper(fact)+"="+got[fact])
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, " ")
}

// wire makes the interface eth0 here and a network namespace with the servers at its other end.
func wire(kind dhcpserver.Kind) (server *dhcpserver.Running, unplug func(), err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		return nil, nil, err
	}
	defer here.Close()
	there, err := netns.New()
	if err != nil {
		return nil, nil, err
	}
	defer netns.Set(here)
	if err := netns.Set(here); err != nil {
		return nil, nil, err
	}
	err = netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0", TxQLen: 1000}, PeerName: "eth0", PeerNamespace: netlink.NsFd(there)})
	if err != nil {
		return nil, nil, err
	}
	link, err := netlink.LinkByName("eth0")
	if err != nil {
		return nil, nil, err
	}
	if err := netns.Set(there); err != nil {
		return nil, nil, err
	}
	server, err = serve(there, kind)
	return server, func() { netlink.LinkDel(link); there.Close() }, err
}

// serve runs servers in the namespace of this thread, behind what carries frames late.
func serve(ns netns.NsHandle, kind dhcpserver.Kind) (*dhcpserver.Running, error) {
	commands := []string{"addr add 10.77.0.1/24 dev eth0"}
	if kind.Late == 0 {
		commands = append(commands, "link set eth0 up")
	}
	for _, c := range commands {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("ip %s: %w: %s", c, err, out)
		}
	}
	if kind.Late > 0 {
		handle, err := netlink.NewHandleAt(ns)
		if err != nil {
			return nil, err
		}
		end, err := handle.LinkByName("eth0")
		if err != nil {
			return nil, err
		}
		time.AfterFunc(kind.Late, func() {
			if err := handle.LinkSetUp(end); err != nil {
				fmt.Fprintln(os.Stderr, "network: put the cable in:", err)
			}
		})
	}
	answer := kind.Answer
	if kind.Delay > 0 {
		answer = func(r dhcpserver.Request) []dhcpserver.Reply {
			if r.Running < kind.Delay {
				return nil
			}
			return kind.Answer(r)
		}
	}
	return dhcpserver.Run("eth0", answer)
}

// ours is the command dhcp.
func ours() leaser {
	program := filepath.Join(*dir, "init")
	return leaser{
		args: func(kind dhcpserver.Kind) []string {
			script := fmt.Sprintf(`set -- -t %d`, int(leaseLimit.Seconds()))
			for _, word := range kind.Tell {
				script += " -o " + word
			}
			script += fmt.Sprintf(`; dhcp "$@" eth0 >%s && sleep %g`, factsFile, kind.Watch.Seconds())
			return []string{program, "sh", "-c", script}
		},
		facts: kernelFacts,
	}
}

// kernelFacts are what the kernel, resolv.conf and the machine's name have now.
func kernelFacts() (map[string]string, error) {
	link, err := netlink.LinkByName("eth0")
	if err != nil {
		return nil, err
	}
	facts := map[string]string{dhcpserver.MTU: fmt.Sprint(link.Attrs().MTU)}
	list, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		facts[dhcpserver.Lease] = a.IPNet.String()
	}
	routes, err := netlink.RouteList(link, netlink.FAMILY_V4)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, r := range routes {
		switch {
		case r.Gw == nil:
		case r.Dst == nil || r.Dst.IP.IsUnspecified():
			facts[dhcpserver.Gateway] = r.Gw.String()
		default:
			others = append(others, fmt.Sprintf("%s:%s", r.Dst, r.Gw))
		}
	}
	slices.Sort(others)
	facts[dhcpserver.Routes] = strings.Join(others, " ")
	conf, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return nil, err
	}
	var servers []string
	for line := range strings.Lines(string(conf)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key {
		case "search":
			facts[dhcpserver.Search] = value
		case "nameserver":
			servers = append(servers, value)
		}
	}
	facts[dhcpserver.Servers] = strings.Join(servers, " ")
	facts[dhcpserver.Hostname], _ = os.Hostname()
	return facts, nil
}

// factsFile is where udhcpc's script leaves what the server said.
const factsFile = "/etc/facts"

// udhcpc is busybox's client, with a script that sets the address and writes all down.
func udhcpc() leaser {
	script := filepath.Join("/etc", "udhcpc.script")
	return leaser{
		args: func(kind dhcpserver.Kind) []string {
			os.WriteFile(script, []byte(`#!/bin/sh
ip link set eth0 up
case $1 in
deconfig) ip addr flush dev eth0; rm -f `+factsFile+` ;;
bound | renew) ip addr replace "$ip/$mask" dev eth0; env >`+factsFile+` ;;
esac
`), 0o755)
			args := []string{"busybox", "udhcpc", "-i", "eth0", "-f", "-s", script, "-O", "search", "-O", "staticroutes", "-O", "249", "-O", "mtu", "-t", "100"}
			for _, word := range kind.Tell {
				key, value, _ := strings.Cut(word, "=")
				switch key {
				case "vendor-class":
					args = append(args, "-V", value)
				case "user-class":
					args = append(args, "-x", fmt.Sprintf("77:%02x%x", len(value), value))
				case "client-id":
					args = append(args, "-C", "-x", "61:"+strings.ReplaceAll(value, ":", ""))
				case "hostname":
					args = append(args, "-x", "hostname:"+value)
				}
			}
			if kind.Watch > 0 {
				return append([]string{"timeout", fmt.Sprint(kind.Watch.Seconds())}, args...)
			}
			return append(args, "-q")
		},
		facts: scriptFacts,
	}
}

// scriptFacts are what udhcpc told its script.
func scriptFacts() (map[string]string, error) {
	facts := make(map[string]string)
	content, _ := os.ReadFile(factsFile) // none: there is no lease
	env := make(map[string]string)
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		env[key] = value
	}
	if env["ip"] == "" {
		return facts, nil
	}
	facts[dhcpserver.Lease] = env["ip"] + "/" + env["mask"]
	facts[dhcpserver.Servers] = env["dns"]
	facts[dhcpserver.Search] = env["search"]
	if env["search"] == "" {
		facts[dhcpserver.Search] = env["domain"]
	}
	facts[dhcpserver.Hostname] = env["hostname"]
	facts[dhcpserver.MTU] = "1500"
	if env["mtu"] != "" {
		facts[dhcpserver.MTU] = env["mtu"]
	}
	var others []string
	facts[dhcpserver.Gateway], _, _ = strings.Cut(env["router"], " ")
	if env["staticroutes"] != "" {
		facts[dhcpserver.Gateway] = "" // as its own example of a script has it
		for pair := range slices.Chunk(strings.Fields(env["staticroutes"]), 2) {
			if p, err := netip.ParsePrefix(pair[0]); err == nil && p.Bits() == 0 {
				facts[dhcpserver.Gateway] = pair[1]
				continue
			}
			others = append(others, strings.Join(pair, ":"))
		}
	}
	slices.Sort(others)
	facts[dhcpserver.Routes] = strings.Join(others, " ")
	return facts, nil
}
