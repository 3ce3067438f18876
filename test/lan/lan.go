// Package lan is a network of hosts within this program's network namespace: a bridge, at which are this
// namespace itself, programs in namespaces of their own, and hosts that this program plays.
package lan

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// Bridge is the interface of the network that this namespace has.
const Bridge = "lan"

// Make makes the network, with an address of this namespace, such as 10.77.0.1/24.
func Make(address string) error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	// of its own it would have the least of its ports' addresses, which changes with them
	fixed := net.HardwareAddr{0x52, 0x54, 0x00, 0xb2, 0xc0, 0x00}
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: Bridge, HardwareAddr: fixed}}
	if err := netlink.LinkAdd(bridge); err != nil {
		return fmt.Errorf("make a bridge: %w", err)
	}
	own, err := netlink.ParseAddr(address)
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(bridge, own); err != nil {
		return err
	}
	for _, device := range []netlink.Link{lo, bridge} {
		if err := netlink.LinkSetUp(device); err != nil {
			return err
		}
	}
	return nil
}

// Tap makes a tap device at the bridge, for a virtual machine.
func Tap(name string) error {
	device := &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: name}, Mode: netlink.TUNTAP_MODE_TAP}
	if err := netlink.LinkAdd(device); err != nil {
		return fmt.Errorf("make a tap device: %w", err)
	}
	return attach(device)
}

// attach connects a device to the bridge.
func attach(device netlink.Link) error {
	bridge, err := netlink.LinkByName(Bridge)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(device, bridge); err != nil {
		return err
	}
	return netlink.LinkSetUp(device)
}

// cable makes a cable from the bridge, and returns its other end.
func cable(name string) (netlink.Link, error) {
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: name + "-"}
	if err := netlink.LinkAdd(veth); err != nil {
		return nil, fmt.Errorf("make a cable: %w", err)
	}
	if err := attach(veth); err != nil {
		return nil, err
	}
	return netlink.LinkByName(name + "-")
}

// Program is one that runs in a network namespace of its own.
type Program struct {
	process *os.Process
	ended   chan struct{}
	cable   string
}

// Start starts a program in a network namespace of its own, where the interface NAME- has the address, such
// as 10.77.0.2/24.
func Start(log io.Writer, name, address string, command ...string) (*Program, error) {
	script := `read -r _; ip link set lo up; ip link set "$1" up; ip address add "$2" dev "$1"; shift 2; exec "$@"`
	cmd := exec.Command("sh", append([]string{"-ec", script, "sh", name + "-", address}, command...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	ready, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	end, err := cable(name)
	if err != nil {
		return nil, err
	}
	p, err := start(cmd, name)
	if err != nil {
		return nil, err
	}
	err = netlink.LinkSetNsPid(end, cmd.Process.Pid)
	if err == nil {
		_, err = io.WriteString(ready, "\n")
	}
	if err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// start starts a program on a thread of its own, since the program ends with the thread that started it.
func start(cmd *exec.Cmd, cable string) (*Program, error) {
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return &Program{cmd.Process, ended, cable}, nil
}

// Stop ends the program and all that it has started.
func (p *Program) Stop() {
	p.process.Kill()
	<-p.ended
	if cable, err := netlink.LinkByName(p.cable); err == nil { // else it goes with the namespace, some time later
		netlink.LinkDel(cable)
	}
}

// Processor is the time of the processor, in seconds, that the program and those that it has started have had.
func (p *Program) Processor() float64 { return processor(p.process.Pid) }

// processor adds up the times of a process, of its children, and of those that have ended (proc_pid_stat(5)).
func processor(pid int) (seconds float64) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const ticks, behindName = 100, 11 // utime is the 14th field, and the third one the first behind the name
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	for _, field := range fields[behindName : behindName+4] {
		n, _ := strconv.ParseFloat(field, 64)
		seconds += n / ticks
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, child := range strings.Fields(string(children)) {
		if n, err := strconv.Atoi(child); err == nil {
			seconds += processor(n)
		}
	}
	return seconds
}

// Host is one that this program plays.
type Host struct {
	Link string // its interface
	MAC  net.HardwareAddr
	ns   netns.NsHandle
}

// NewHost plugs in a host.
func NewHost(name string) (*Host, error) {
	end, err := cable(name)
	if err != nil {
		return nil, err
	}
	h := &Host{Link: name + "-", MAC: end.Attrs().HardwareAddr}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		var err error
		h.ns, err = netns.New()
		made <- err
	}()
	if err := <-made; err != nil {
		return nil, err
	}
	if err := netlink.LinkSetNsFd(end, int(h.ns)); err != nil {
		return nil, err
	}
	return h, h.Do(func() error {
		for _, link := range []string{"lo", h.Link} {
			device, err := netlink.LinkByName(link)
			if err != nil {
				return err
			}
			if err := netlink.LinkSetUp(device); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetAddress gives the host that address alone, such as 10.77.0.9/24.
func (h *Host) SetAddress(address string) error {
	return h.Do(func() error {
		device, err := netlink.LinkByName(h.Link)
		if err != nil {
			return err
		}
		former, err := netlink.AddrList(device, netlink.FAMILY_V4)
		if err != nil {
			return err
		}
		for _, a := range former {
			if err := netlink.AddrDel(device, &a); err != nil {
				return err
			}
		}
		own, err := netlink.ParseAddr(address)
		if err != nil {
			return err
		}
		return netlink.AddrAdd(device, own)
	})
}

// Do calls f where sockets that f opens itself are the host's.
func (h *Host) Do(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := netns.Set(h.ns); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}
