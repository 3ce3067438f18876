package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// The network cards that a machine can have.
const (
	nicUser      = "user"      // QEMU's user network: DHCP, with the name dut, DNS, and the host's loopback as 10.0.2.2
	nicSilent    = "silent"    // a carrier, and nobody there to answer
	nicUnplugged = "unplugged" // no carrier
)

// hostAddress is the host's loopback, seen from a machine's user network.
const hostAddress = "10.0.2.2"

// How a machine can end, as QEMU's SHUTDOWN event names it.
const (
	endPowerOff = "guest-shutdown"
	endReboot   = "guest-reset"
)

// Disk is a raw image that a machine has as a virtio disk, or a removable one as a
// SCSI disk, its name the serial number.
type Disk struct {
	Name, File string
	ReadOnly   bool
	Removable  bool
	Failing    string // "read" or "write": each such request is an I/O error
}

// Hardware is what a machine is made of, and what it starts.
type Hardware struct {
	Memory int      // MiB
	Disks  []Disk   // /dev/vda, /dev/vdb …; the removable ones /dev/sda …
	NICs   []string // nicUser, nicSilent, nicUnplugged; none: no network device
	RTC    string   // what its clock shows at the start, as 2001-02-03T04:05:06; "": the host's time

	Kernel    string // started by QEMU itself, with Initramfs and Arguments
	Initramfs string
	Arguments string
	Bootfile  string // without a Kernel: the URL that iPXE starts on the first card
}

// Machine is a virtual machine under QEMU.
type Machine struct {
	Console  *Console
	command  *exec.Cmd
	keyboard io.WriteCloser
	monitor  *monitor
	stderr   bytes.Buffer
	exited   chan struct{}
	deadline time.Time
}

// Start starts a machine, which may run for limit.
func Start(hw Hardware, limit time.Duration) (*Machine, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("qemu-system-x86_64", hw.options(accelerator())...)
	// a test that dies must not leave its machines behind
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.ExtraFiles = []*os.File{theirs}
	m := &Machine{
		Console: new(Console), command: cmd, exited: make(chan struct{}),
		deadline: time.Now().Add(limit),
	}
	cmd.Stdout, cmd.Stderr = m.Console, &m.stderr
	if m.keyboard, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	err = cmd.Start()
	theirs.Close() // so that ours ends when QEMU does
	if err != nil {
		ours.Close()
		return nil, err
	}
	go m.reap()
	if err := m.release(ours, hw); err != nil {
		m.Cut()
		return nil, fmt.Errorf("%w\n%s", err, m.stderr.String())
	}
	return m, nil
}

// release connects to the machine's monitor, pulls the plug of its unplugged
// cards and lets it run.
func (m *Machine) release(conn *os.File, hw Hardware) (err error) {
	if m.monitor, err = newMonitor(conn); err != nil {
		return err
	}
	for i, nic := range hw.NICs {
		if nic != nicUnplugged {
			continue
		}
		unplug := map[string]any{"name": "net" + strconv.Itoa(i), "up": false}
		if err := m.monitor.execute("set_link", unplug); err != nil {
			return err
		}
	}
	return m.monitor.execute("cont", nil)
}

// reap waits for QEMU's exit.
func (m *Machine) reap() {
	m.command.Wait()
	m.Console.End()
	close(m.exited)
}

// socketPair returns two ends of a stream: ours as a file that can be waited
// for, and the one to be inherited by QEMU.
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	if err := syscall.SetNonblock(fds[0], true); err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "monitor"), os.NewFile(uintptr(fds[1]), "monitor"), nil
}

// options returns QEMU's arguments: the serial port on its standard streams,
// the monitor on file 3, and the machine stopped until told to go on.
func (hw Hardware) options(accel string) []string {
	args := []string{
		"-accel", accel, "-cpu", "max", "-smp", "2", "-m", strconv.Itoa(hw.Memory),
		"-nodefaults", "-nographic", "-no-reboot", "-S",
		"-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial",
		"-chardev", "socket,id=monitor,fd=3", "-mon", "chardev=monitor,mode=control",
	}
	if hw.Kernel != "" {
		args = append(args, "-kernel", hw.Kernel, "-initrd", hw.Initramfs, "-append", hw.Arguments)
	} else {
		args = append(args, "-boot", "reboot-timeout=0") // the end, where nothing can be started
	}
	if hw.RTC != "" {
		args = append(args, "-rtc", "base="+hw.RTC)
	}
	for i, disk := range hw.Disks {
		args = append(args, disk.options("disk"+strconv.Itoa(i))...)
	}
	for i, nic := range hw.NICs {
		args = append(args, hw.card(i, nic)...)
	}
	return args
}

// options returns QEMU's arguments for the disk.
func (d Disk) options(id string) []string {
	file := map[string]any{"driver": "file", "filename": d.File, "cache": map[string]any{"no-flush": true}}
	if d.Failing != "" {
		file = map[string]any{"driver": "blkdebug", "image": file, "inject-error": []any{
			map[string]any{"event": "none", "iotype": d.Failing, "errno": int(syscall.EIO)},
		}}
	}
	node, err := json.Marshal(map[string]any{"driver": "raw", "node-name": id, "read-only": d.ReadOnly, "file": file})
	if err != nil {
		panic(err) // nothing in it that JSON could not say
	}
	device := []string{"-device", "virtio-blk-pci,drive=" + id + ",serial=" + d.Name}
	if d.Removable {
		device = []string{"-device", "virtio-scsi-pci,id=bus-" + id,
			"-device", "scsi-hd,removable=on,bus=bus-" + id + ".0,drive=" + id + ",serial=" + d.Name}
	}
	return append([]string{"-blockdev", string(node)}, device...)
}

// card returns QEMU's arguments for one network card.
func (hw Hardware) card(i int, nic string) []string {
	id := "lan" + strconv.Itoa(i)
	netdev := "user,hostname=dut,id=" + id
	if nic != nicUser {
		netdev = fmt.Sprintf("hubport,id=%s,hubid=%d", id, i)
	}
	device := fmt.Sprintf("virtio-net-pci,id=net%d,netdev=%s", i, id)
	if hw.Bootfile != "" && i == 0 {
		netdev += ",bootfile=" + hw.Bootfile
		device += ",bootindex=0"
	} else {
		device += ",romfile=" // nothing on the card to start
	}
	return []string{"-netdev", netdev, "-device", device}
}

// Type writes keys to the machine's console.
func (m *Machine) Type(keys string) error {
	_, err := io.WriteString(m.keyboard, keys)
	return err
}

// pressTogether presses keys of the machine's keyboard at once, by the names that
// QEMU has for them (QKeyCode of its QMP reference).
func (m *Machine) pressTogether(names ...string) error {
	var keys []any
	for _, name := range names {
		keys = append(keys, map[string]any{"type": "qcode", "data": name})
	}
	return m.monitor.execute("send-key", map[string]any{"keys": keys})
}

// Wait waits for the machine's end and returns its reason, endPowerOff for
// one. It cuts the power, and fails, when the time is up.
func (m *Machine) Wait() (reason string, err error) {
	select {
	case <-m.exited:
	case <-time.After(time.Until(m.deadline)):
		m.Cut()
		return "", fmt.Errorf("the machine did not end in time")
	}
	reason, ok := <-m.monitor.ends
	if !ok {
		return "", fmt.Errorf("QEMU failed: %v\n%s", m.command.ProcessState, m.stderr.String())
	}
	return reason, nil
}

// Cut cuts the machine's power.
func (m *Machine) Cut() {
	m.command.Process.Kill()
	<-m.exited
}

// String returns the command that started the machine.
func (m *Machine) String() string { return m.command.String() }
