package machine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bootrc/media/load"
)

// The network cards that a machine can have: virtio's or, as in "user=e1000", any that QEMU has.
const (
	User      = "user"      // QEMU's user network: DHCP, DNS, and the host's loopback as Host
	Silent    = "silent"    // a carrier, and nobody there to answer
	Unplugged = "unplugged" // no carrier
)

// Host is the host's loopback, seen from a machine's user network.
const Host = "10.0.2.2"

// How a machine can end, as QEMU's SHUTDOWN event names it.
const (
	PowerOff = "guest-shutdown"
	Reboot   = "guest-reset"
)

// Hardware is what a machine is made of, and what it starts. It has two CPUs, or as many as its
// board has.
type Hardware struct {
	Arch    string   // as Go names it; or the name of a board: microvm, raspi3b
	Memory  int      // MiB
	Threads bool     // under QEMU's translator, one for each CPU: faster, and an amd64 kernel crashes now and then
	Disks   []Disk   // /dev/vda, /dev/vdb …; the removable ones /dev/sda …
	NICs    []string // User, Silent, Unplugged, each alone or as KIND=MODEL; none: no network device
	Extra   []string // more of it, as options of QEMU's
	Name    string   // what DHCP calls the machine on a User network; "": nothing
	RTC     string   // what its clock shows at the start, as 2001-02-03T04:05:06; "": the host's time

	Kernel    string // started by QEMU itself, with Initramfs and Arguments
	Initramfs string
	Arguments string // after those that every kernel has under QEMU
	Bootfile  string // without a Kernel: the URL that iPXE starts on the first card
	Firmware  string // without both: what starts the first disk, or from the network: bios, uefi, secure-boot, snakeoil, u-boot

	Output   io.Writer // gets what the console shows, beside Machine.Console; nil: nobody
	Keyboard *os.File  // is the console's, with QEMU's own keys: ctrl-a x ends the machine; nil: Type is
}

// Disk is a raw image that a machine has as a virtio disk, or a removable one as a
// SCSI disk, its name the serial number; or as a disk of another Bus.
type Disk struct {
	Name, File string
	Bus        string // "", usb, uas; or cd: a disc in a drive on USB
	ReadOnly   bool
	Removable  bool
	Failing    string // "read" or "write": each such request is an I/O error
}

// Machine is a virtual machine under QEMU.
type Machine struct {
	Console  *Console
	Deadline time.Time // of the waits for it; zero: no deadline
	command  *exec.Cmd
	keyboard io.WriteCloser // nil with Hardware.Keyboard
	monitor  *monitor
	stderr   bytes.Buffer
	exited   chan struct{}
}

// Start starts a machine, which may run for limit, or for ever with 0.
func Start(hw Hardware, limit time.Duration) (*Machine, error) {
	b, err := boardOf(hw.Arch)
	if err != nil {
		return nil, err
	}
	if hw.Firmware != "" {
		f, err := firmwareOf(b, hw.Firmware)
		if err != nil {
			return nil, err
		}
		if f.machine != "" {
			b.name = f.machine
		}
		hw.Extra = append(f.options(), hw.Extra...)
	}
	if n, most := len(hw.commandLine(b)), load.LineLimit(b.arch); n > most {
		return nil, fmt.Errorf("%d bytes of kernel arguments: the kernel takes %d", n, most)
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	m := &Machine{Console: new(Console), command: exec.Command(b.qemu, hw.options(b)...), exited: make(chan struct{})}
	if limit > 0 {
		m.Deadline = time.Now().Add(limit)
	}
	err = m.run(hw, theirs)
	theirs.Close() // so that ours ends when QEMU does
	if err != nil {
		ours.Close()
		return nil, err
	}
	if err := m.release(ours, hw); err != nil {
		m.Cut()
		return nil, fmt.Errorf("%w\n%s", err, m.stderr.String())
	}
	return m, nil
}

// run starts QEMU, with its end of the monitor.
func (m *Machine) run(hw Hardware, monitor *os.File) (err error) {
	cmd := m.command
	// a program that dies must not leave its machines behind
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.ExtraFiles = []*os.File{monitor}
	cmd.Stdout, cmd.Stderr = m.Console, &m.stderr
	if hw.Output != nil {
		cmd.Stdout = io.MultiWriter(m.Console, hw.Output)
	}
	if hw.Keyboard != nil {
		cmd.Stdin = hw.Keyboard
	} else if m.keyboard, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go m.reap()
	return nil
}

// release connects to the machine's monitor, pulls the plug of its unplugged
// cards and lets it run.
func (m *Machine) release(conn *os.File, hw Hardware) (err error) {
	if m.monitor, err = newMonitor(conn); err != nil {
		return err
	}
	for i, nic := range hw.NICs {
		if kind, _, _ := strings.Cut(nic, "="); kind != Unplugged {
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
func (hw Hardware) options(b board) []string {
	args := append([]string{"-M", b.name}, b.accelerator(hw)...)
	args = append(args, "-smp", strconv.Itoa(b.cpus), "-m", strconv.Itoa(hw.Memory), "-nodefaults", "-no-reboot", "-S")
	for range b.ports {
		args = append(args, "-serial", "null")
	}
	args = append(args, "-serial", "chardev:serial", "-chardev", "socket,id=monitor,fd=3", "-mon", "chardev=monitor,mode=control")
	if hw.Keyboard != nil {
		args = append(args, "-chardev", "stdio,id=serial,signal=off,mux=on", "-mon", "chardev=serial")
	} else {
		args = append(args, "-chardev", "stdio,id=serial,signal=off")
	}
	if hw.Kernel != "" {
		args = append(args, "-display", "none", "-kernel", hw.Kernel, "-initrd", hw.Initramfs, "-append", hw.commandLine(b))
	} else {
		// the firmware writes to the console, and ends where it finds nothing to start
		args = append(args, "-nographic", "-boot", "reboot-timeout=0")
	}
	if hw.RTC != "" {
		args = append(args, "-rtc", "base="+hw.RTC)
	}
	for _, c := range controllers {
		if slices.ContainsFunc(hw.Disks, func(d Disk) bool { return slices.Contains(c.buses, d.Bus) }) {
			args = append(args, "-device", c.device)
		}
	}
	for i, disk := range hw.Disks {
		args = append(args, disk.options("disk"+strconv.Itoa(i))...)
		if i == 0 && hw.Firmware != "" {
			args[len(args)-1] += ",bootindex=0"
		}
	}
	for i, nic := range hw.NICs {
		args = append(args, hw.card(b, i, nic)...)
	}
	return append(args, hw.Extra...)
}

// controllers are what the disks of other buses than virtio's are at. SeaBIOS starts a disk with UAS at USB 2 alone.
var controllers = []struct {
	device string
	buses  []string
}{{"qemu-xhci,id=xhci", []string{"usb", "cd"}}, {"usb-ehci,id=ehci", []string{"uas"}}}

// commandLine returns the kernel's. A panic ends the machine, and with it the wait; a
// busy host is no lockup. The kernel keeps to itself what is no error: of interrupts that come
// late, as they do on a busy host, it speaks in the middle of others' lines.
func (hw Hardware) commandLine(b board) string {
	line := "console=" + b.console + " quiet panic=-1 nowatchdog"
	for _, more := range []string{b.arguments, hw.Arguments} {
		if more != "" {
			line += " " + more
		}
	}
	return line
}

// options returns QEMU's arguments for the disk.
func (d Disk) options(id string) []string {
	file := map[string]any{"driver": "file", "filename": d.File, "cache": map[string]any{"no-flush": true}}
	if d.Failing != "" {
		file = map[string]any{"driver": "blkdebug", "image": file, "inject-error": []any{
			map[string]any{"event": "none", "iotype": d.Failing, "errno": int(syscall.EIO)},
		}}
	}
	node, err := json.Marshal(map[string]any{"driver": "raw", "node-name": id, "read-only": d.ReadOnly || d.Bus == "cd", "file": file})
	if err != nil {
		panic(err) // nothing in it that JSON could not say
	}
	device := []string{"-device", "virtio-blk-pci,drive=" + id + ",serial=" + d.Name}
	switch {
	case d.Bus == "usb":
		device = []string{"-device", "usb-storage,removable=on,bus=xhci.0,drive=" + id + ",serial=" + d.Name}
	case d.Bus == "uas":
		device = []string{"-device", "usb-uas,bus=ehci.0,id=bus-" + id,
			"-device", "scsi-hd,removable=on,bus=bus-" + id + ".0,scsi-id=0,lun=0,drive=" + id + ",serial=" + d.Name}
	case d.Bus == "cd":
		device = []string{"-device", "usb-bot,bus=xhci.0,id=bus-" + id, "-device", "scsi-cd,bus=bus-" + id + ".0,drive=" + id + ",serial=" + d.Name}
	case d.Removable:
		device = []string{"-device", "virtio-scsi-pci,id=bus-" + id,
			"-device", "scsi-hd,removable=on,bus=bus-" + id + ".0,drive=" + id + ",serial=" + d.Name}
	}
	return append([]string{"-blockdev", string(node)}, device...)
}

// card returns QEMU's arguments for one network card.
func (hw Hardware) card(b board, i int, nic string) []string {
	id := "lan" + strconv.Itoa(i)
	netdev := "user,id=" + id
	kind, model, named := strings.Cut(nic, "=")
	if !named {
		model = b.nic
	}
	switch {
	case kind != User:
		netdev = fmt.Sprintf("hubport,id=%s,hubid=%d", id, i)
	case hw.Name != "":
		netdev += ",hostname=" + hw.Name
	}
	device := fmt.Sprintf("%s,id=net%d,netdev=%s", model, i, id)
	if hw.Bootfile != "" && i == 0 {
		netdev += ",bootfile=" + hw.Bootfile
		device += ",bootindex=0"
	} else if model == usualCard {
		device += ",romfile=" // nothing on the card to start
	}
	return []string{"-netdev", netdev, "-device", device}
}

// Type writes keys to the machine's console.
func (m *Machine) Type(keys string) error {
	_, err := io.WriteString(m.keyboard, keys)
	return err
}

// Plug plugs a device into the running machine, as QEMU's option -device describes it.
func (m *Machine) Plug(device string) error {
	driver, rest, _ := strings.Cut(device, ",")
	arguments := map[string]any{"driver": driver}
	for property := range strings.SplitSeq(rest, ",") {
		if key, value, ok := strings.Cut(property, "="); ok {
			arguments[key] = value
		}
	}
	// the kernel knows that a device is out before QEMU lets go of its name and of what is behind it
	for limit := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		err := m.monitor.execute("device_add", arguments)
		if err == nil || time.Now().After(limit) ||
			!strings.Contains(err.Error(), "Duplicate device ID") && !strings.Contains(err.Error(), "in use") {
			return err
		}
	}
}

// Unplug takes the device of that id out of the running machine.
func (m *Machine) Unplug(id string) error {
	return m.monitor.execute("device_del", map[string]any{"id": id})
}

// PressTogether presses keys of the machine's keyboard at once, by the names that
// QEMU has for them (QKeyCode of its QMP reference).
func (m *Machine) PressTogether(names ...string) error {
	var keys []any
	for _, name := range names {
		keys = append(keys, map[string]any{"type": "qcode", "data": name})
	}
	return m.monitor.execute("send-key", map[string]any{"keys": keys})
}

// ErrLate is what a machine's deadline ends its wait with.
var ErrLate = errors.New("the machine did not end in time")

// Wait waits for the machine's end and returns its reason, PowerOff for
// one. It cuts the power, and fails, at the deadline.
func (m *Machine) Wait() (reason string, err error) {
	var late <-chan time.Time
	if !m.Deadline.IsZero() {
		late = time.After(time.Until(m.Deadline))
	}
	select {
	case <-m.exited:
	case <-late:
		m.Cut()
		return "", ErrLate
	}
	reason, ok := <-m.monitor.ends
	if !ok && strings.HasSuffix(m.command.Path, "-riscv64") && m.command.ProcessState.Success() {
		return PowerOff, nil // that one ends without a word on the monitor
	}
	if !ok {
		return "", fmt.Errorf("QEMU failed: %v\n%s", m.command.ProcessState, m.stderr.String())
	}
	return reason, nil
}

// Expect waits until re matches on the console after the previous match, as
// [Console.Expect] does, at most until the deadline.
func (m *Machine) Expect(re *regexp.Regexp, raw bool) error {
	return m.Console.Expect(re, raw, m.Deadline)
}

// Cut cuts the machine's power.
func (m *Machine) Cut() {
	m.command.Process.Kill()
	<-m.exited
}

// Process returns the number of QEMU's process.
func (m *Machine) Process() int { return m.command.Process.Pid }

// String returns the command that started the machine.
func (m *Machine) String() string { return m.command.String() }
