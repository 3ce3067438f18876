package test

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bootrc/test/machine"
	demo "bootrc/test/registry"

	"github.com/rogpeppe/go-internal/testscript"
)

// commands are the scenarios' vocabulary, as the package's documentation
// describes it.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"kernel":   positive((*scenario).setKernel),
	"board":    positive((*scenario).setBoard),
	"modules":  positive((*scenario).addModules),
	"looping":  positive((*scenario).addLoopingModule),
	"memory":   positive((*scenario).setMemory),
	"disk":     positive((*scenario).addDisk),
	"nic":      positive((*scenario).setNICs),
	"rtc":      positive((*scenario).setRTC),
	"qemu":     positive((*scenario).addHardware),
	"plug":     positive((*scenario).plug),
	"unplug":   positive((*scenario).unplug),
	"allow":    positive((*scenario).allow),
	"image":    positive((*scenario).pushImage),
	"registry": registryCommand,
	"requests": positive((*scenario).checkRequests),
	"port":     portCommand,
	"s3":       s3Command,
	"boot":     bootCommand,
	"netboot":  positive((*scenario).netboot),
	"start":    positive((*scenario).startDisk),
	"console":  consoleCommand,
	"type":     positive((*scenario).typeLine),
	"typed":    typedCommand,
	"press":    positive((*scenario).press),
	"screen":   positive((*scenario).screen),
	"status":   positive((*scenario).status),
	"poweroff": positive((*scenario).poweroff),
	"reboot":   positive((*scenario).reboot),
	"powercut": positive((*scenario).powercut),

	"powercuts": powercutsCommand,
}

// positive makes a command that cannot be negated.
func positive(run func(s *scenario, args []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("! has no meaning here")
		}
		ts.Check(run(of(ts), args))
	}
}

func (s *scenario) setKernel(args []string) error {
	s.packed = len(args) == 2 && args[0] == "-packed"
	if s.packed {
		args = args[1:]
	}
	if len(args) != 1 {
		return fmt.Errorf("usage: kernel [-packed] SERIES")
	}
	if s.series != "" {
		return nil
	}
	s.kernel = args[0]
	return nil
}

func (s *scenario) setBoard(args []string) error {
	switch {
	case len(args) == 1 && slices.Contains([]string{"microvm", "pc-backports", "arm64", "arm", "riscv64"}, args[0]):
		s.hardware.Arch = args[0]
	case len(args) == 2 && args[0] == "virt":
		s.arch, s.hardware.Arch, s.deviceTree = "arm64", "arm64", args[1]
	case len(args) == 2 && args[0] == "raspi3b":
		s.arch, s.hardware.Arch, s.deviceTree = "arm64", args[0], args[1]
		s.hardware.Memory = 1024 // it has no other
	default:
		return fmt.Errorf("usage: board microvm|pc-backports|arm64|arm|riscv64, or board virt|raspi3b DTB")
	}
	return nil
}

// addModules does nothing where all are there in any case.
func (s *scenario) addModules(args []string) error {
	if s.series != "" {
		return nil
	}
	s.modules = append(slices.Clip(s.modules), args...)
	return nil
}

func (s *scenario) setMemory(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: memory MIB")
	}
	size, err := strconv.Atoi(args[0])
	s.hardware.Memory = size
	return err
}

func (s *scenario) addDisk(args []string) error {
	const usage = "usage: disk [-readonly] [-removable] [-bus usb|uas|cd] [-failing read|write] NAME [SIZE]"
	flags := flag.NewFlagSet("disk", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var disk machine.Disk
	flags.BoolVar(&disk.ReadOnly, "readonly", false, "")
	flags.BoolVar(&disk.Removable, "removable", false, "")
	flags.StringVar(&disk.Bus, "bus", "", "")
	flags.StringVar(&disk.Failing, "failing", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() < 1 || flags.NArg() > 2 {
		return fmt.Errorf("%s: %v", usage, err)
	}
	disk.Name = flags.Arg(0)
	disk.File = filepath.Join(s.dir, disk.Name+".disk")
	if flags.NArg() == 2 {
		if out, err := exec.Command("truncate", "-s", flags.Arg(1), disk.File).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	if i := slices.IndexFunc(s.hardware.Disks, func(d machine.Disk) bool { return d.Name == disk.Name }); i >= 0 {
		s.hardware.Disks = slices.Clone(s.hardware.Disks)
		s.hardware.Disks[i] = disk
		return nil
	}
	s.hardware.Disks = append(s.hardware.Disks, disk)
	return nil
}

func (s *scenario) setNICs(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: nic KIND…")
	}
	s.hardware.NICs = nil
	if slices.Equal(args, []string{"none"}) {
		return nil
	}
	for _, nic := range args {
		kind, _, _ := strings.Cut(nic, "=")
		if !slices.Contains([]string{machine.User, machine.Silent, machine.Unplugged}, kind) {
			return fmt.Errorf("no network card is %s", kind)
		}
	}
	s.hardware.NICs = args
	return nil
}

func (s *scenario) addHardware(args []string) error {
	s.hardware.Extra = append(s.hardware.Extra, args...)
	return nil
}

func (s *scenario) plug(args []string) error {
	m, err := s.booted()
	if err != nil || len(args) != 1 {
		return fmt.Errorf("usage, of a machine that runs: plug DEVICE[,PROPERTY=VALUE…]: %w", err)
	}
	return m.Plug(args[0])
}

func (s *scenario) unplug(args []string) error {
	m, err := s.booted()
	if err != nil || len(args) != 1 {
		return fmt.Errorf("usage, of a machine that runs: unplug ID: %w", err)
	}
	return m.Unplug(args[0])
}

func (s *scenario) setRTC(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: rtc TIME")
	}
	s.hardware.RTC = args[0]
	return nil
}

func (s *scenario) allow(args []string) error {
	for _, name := range args {
		if faultTexts[name] == "" {
			return fmt.Errorf("nothing to allow is named %s", name)
		}
		s.allowed[name] = true
	}
	return nil
}

func (s *scenario) pushImage(args []string) error {
	isDemo := len(args) == 2 && args[0] == "-demo"
	if isDemo {
		args = args[1:]
	}
	if len(args) == 0 {
		return fmt.Errorf("usage: image NAME [WORD…], or image -demo NAME")
	}
	repository := s.lab.registry.address + "/" + s.name + "/" + args[0]
	if isDemo {
		return demo.PushDemo(repository, cmp.Or(s.hardware.Arch, "amd64"))
	}
	return pushImage(repository, filepath.Join(s.dir, "images", args[0]), args[1:])
}

// registryCommand changes $REGISTRY.
func registryCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := of(ts)
	if neg || len(args) != 1 {
		ts.Fatalf("usage: registry FAULT")
	}
	switch args[0] {
	case "watched":
		s.watched = watch(s.lab.registry.address)
		s.closers = append(s.closers, s.watched.stop)
		ts.Setenv("REGISTRY", s.repository(s.watched.server.Listener.Addr().String()))
		return
	case "away":
		if s.watched == nil {
			ts.Fatalf("only a watched registry can go away")
		}
		s.watched.stop()
		return
	}
	address, stop, err := hostileRegistry(args[0], s.lab.registry.address)
	ts.Check(err)
	s.closers = append(s.closers, stop)
	ts.Setenv("REGISTRY", s.repository(address))
}

// portCommand finds a port of loopback for a server that the scenario starts.
func portCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port NAME")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Check(listener.Close())
	ts.Setenv(args[0], port)
}

// bootCommand starts the scenario's machine by QEMU's own boot loader.
func bootCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("! has no meaning here")
	}
	s := of(ts)
	if text, err := os.ReadFile(filepath.Join(s.dir, "cmdline")); err == nil {
		known := strings.NewReplacer("$REGISTRY", ts.Getenv("REGISTRY"), "$HTTP", ts.Getenv("HTTP"), "$S3", ts.Getenv("S3"))
		args = append(args, known.Replace(strings.TrimSuffix(string(text), "\n")))
	}
	ts.Check(s.boot(strings.Join(args, " ")))
}

// netboot starts the scenario's machine by iPXE.
func (s *scenario) netboot(args []string) error {
	if len(args) != 0 {
		return fmt.Errorf("usage: netboot")
	}
	kernel, initramfs, err := s.load()
	if err != nil {
		return err
	}
	s.served["/vmlinuz"], s.served["/initramfs.linux_amd64.cpio.zst"] = kernel.Image, initramfs
	hw := s.hardware
	hw.Bootfile = "http://" + fromMachine(s.web.Listener.Addr().String()) + "/boot.ipxe"
	return s.start(hw)
}

// startDisk starts the scenario's machine from its first disk.
func (s *scenario) startDisk(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: start FIRMWARE")
	}
	hw := s.hardware
	hw.Firmware = args[0]
	s.arguments, s.typed = "", nil
	return s.start(hw)
}

// consoleCommand waits for a text, or notes that it must not come.
func consoleCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := of(ts)
	raw := len(args) > 0 && args[0] == "-raw"
	if raw {
		args = args[1:]
	}
	if len(args) != 1 {
		ts.Fatalf("usage: console [-raw] RE")
	}
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	m, err := s.booted()
	ts.Check(err)
	if neg {
		s.forbidden = append(s.forbidden, forbiddenText{re, raw})
		return
	}
	if !raw { // with it, the bytes of what every boot shows may be the subject
		ts.Check(s.checkExpected(re))
	}
	ts.Check(m.Expect(re, raw))
}
