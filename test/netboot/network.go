package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"github.com/vishvananda/netlink"
)

// The machine's network: a bridge of this network namespace, with the server at it.
const (
	bridge  = "lan"
	tap     = "machine"
	address = "10.77.0.1"
)

// makeNetwork makes the bridge, and the tap device for the machine.
func makeNetwork() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	lan := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: bridge}}
	port := &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: tap}, Mode: netlink.TUNTAP_MODE_TAP}
	for _, device := range []netlink.Link{lan, port} {
		if err := netlink.LinkAdd(device); err != nil {
			return fmt.Errorf("make the interface %s: %w", device.Attrs().Name, err)
		}
	}
	own, err := netlink.ParseAddr(address + "/24")
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(lan, own); err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(port, lan); err != nil {
		return err
	}
	for _, device := range []netlink.Link{lo, lan, port} {
		if err := netlink.LinkSetUp(device); err != nil {
			return err
		}
	}
	return nil
}

// otherServer has dnsmasq give the addresses, from another network namespace at the bridge.
func otherServer(log io.Writer, arguments ...string) (stop func(), err error) {
	const script = `read -r _; ip link set lo up; ip link set other up; ip address add 10.77.0.2/24 dev other
exec dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=other --bind-interfaces --user= --group= \
	--dhcp-leasefile=/dev/null --leasefile-ro --dhcp-range=10.77.0.100,10.77.0.199,1h --log-facility=- "$@"`
	cmd := exec.Command("sh", append([]string{"-ec", script, "sh"}, arguments...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	begin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() { cmd.Process.Kill(); cmd.Wait() }
	if err := plug("dnsmasq", "other", cmd.Process); err != nil {
		stop()
		return nil, err
	}
	if _, err := io.WriteString(begin, "\n"); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// plug puts one end of a cable at the bridge, and the other into a process's network namespace.
func plug(here, there string, process *os.Process) error {
	cable := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: here}, PeerName: there}
	if err := netlink.LinkAdd(cable); err != nil {
		return err
	}
	end, err := netlink.LinkByName(there)
	if err != nil {
		return err
	}
	lan, err := netlink.LinkByName(bridge)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetNsPid(end, process.Pid); err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(cable, lan); err != nil {
		return err
	}
	return netlink.LinkSetUp(cable)
}
