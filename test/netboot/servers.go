package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"bootrc/test/example"
	"bootrc/test/lan"
)

// The machine's network: this program's namespace has the address, and the machine is at the tap device.
const (
	address = "10.77.0.1"
	tap     = "machine"
)

// dnsmasq is the program as a network's DHCP server.
var dnsmasq = []string{"dnsmasq", "--keep-in-foreground", "--port=0", "--bind-interfaces", "--user=", "--group=",
	"--leasefile-ro", "--log-facility=-"}

// servers starts what serves the folder, and returns how all of it ends.
func servers(how, program, work, folder string) (stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, stop := range stops {
			stop()
		}
	}
	begin := func(stop func(), err error) error {
		if err == nil {
			stops = append(stops, stop)
		}
		return err
	}
	switch how {
	case "full":
		err = begin(start(program, "-interface", lan.Bridge, "-dhcp", "full", folder))
	case "proxy":
		other := append(dnsmasq, "--conf-file=/dev/null", "--interface=other-", "--dhcp-range=10.77.0.100,10.77.0.199,1h")
		var running *lan.Program
		if running, err = lan.Start(os.Stderr, "other", "10.77.0.2/24", other...); err == nil {
			stops = append(stops, running.Stop)
			err = begin(start(program, "-interface", lan.Bridge, "-dhcp", "proxy", folder))
		}
	case "dnsmasq", "dhcpd":
		err = documented(how, program, work, folder, begin)
	default:
		err = fmt.Errorf("-dhcp %s: expected full, proxy, dnsmasq or dhcpd", how)
	}
	if err == nil {
		err = answers(net.JoinHostPort(address, "80"))
	}
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// documented starts other servers, with the configuration that docs/netboot.md has for them.
func documented(how, program, work, folder string, begin func(func(), error) error) error {
	if out, err := exec.Command(program, "-export", folder).CombinedOutput(); err != nil {
		return fmt.Errorf("export: %w\n%s", err, out)
	}
	config, err := example.Marked("docs/netboot.md", how, "192.168.1.", "10.77.0.", "/srv/netboot", folder)
	if err != nil {
		return err
	}
	file := filepath.Join(work, "config")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return err
	}
	if err := begin(start("busybox", "httpd", "-f", "-p", address+":80", "-h", folder)); err != nil {
		return err
	}
	if how == "dnsmasq" {
		return begin(start(dnsmasq[0], append(dnsmasq[1:], "--interface="+lan.Bridge, "--conf-file="+file)...))
	}
	leases := filepath.Join(work, "leases")
	if err := os.WriteFile(leases, nil, 0o644); err != nil {
		return err
	}
	tftp := append(dnsmasq[1:], "--conf-file=/dev/null", "--interface="+lan.Bridge, "--enable-tftp", "--tftp-root="+folder)
	if err := begin(start(dnsmasq[0], tftp...)); err != nil {
		return err
	}
	return begin(start("dhcpd", "-f", "-d", "-cf", file, "-lf", leases, "-pf", filepath.Join(work, "pid"), lan.Bridge))
}

// start starts a program.
func start(program string, arguments ...string) (stop func(), err error) {
	cmd := exec.Command(program, arguments...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() }, nil
}

// answers waits until a server takes connections.
func answers(address string) error {
	for range 600 {
		conn, err := net.Dial("tcp4", address)
		if err == nil {
			return conn.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("nobody serves at %s", address)
}
