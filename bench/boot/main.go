// Boot measures the time from the kernel's start of /init to a container's first
// instruction, of bootrc and of podman, in the same virtual machine.
//
//	usage: go run ./bench/boot -kernel FILE -peer FILE -ours FILE -cached FILE -uptime FILE
//	                           [-runs N] [-busy] [-ram] [-profile] [-store] [-farm FILE] [-drivers FILE]
//
// The files are what bench/boot.sh makes; it is the way to call this. Each side boots
// N times, by turns, pulls its image from a registry on this machine's loopback, and
// runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"bootrc/test/machine"
	"bootrc/test/registry"
)

func main() {
	var b bench
	flag.StringVar(&b.kernel, "kernel", "", "the `FILE` of the kernel")
	flag.StringVar(&b.peer, "peer", "", "the `FILE` of podman's initramfs")
	flag.StringVar(&b.ours, "ours", "", "the `FILE` of bootrc's initramfs, with drivers")
	flag.StringVar(&b.cached, "cached", "", "the `FILE` of bootrc's initramfs, with drivers for a disk, too")
	uptime := flag.String("uptime", "", "the `FILE` of the container's only program")
	runs := flag.Int("runs", 5, "how often each side boots")
	ram := flag.Bool("ram", false, "instead, search the least memory that each side boots in")
	profile := flag.Bool("profile", false, "instead, boot only bootrc, and show the console of the least disturbed boot, with times")
	bookkeeping := flag.Bool("store", false, "instead, time what a boot asks of a store of 200 images")
	farm := flag.String("farm", "", "instead, compare a farm's job with a disk and without one, by the initramfs `FILE`")
	drivers := flag.String("drivers", "", "instead, compare the sets of drivers that `FILE` lists: NAME, KERNEL and INITRAMFS, with tabs between")
	flag.BoolVar(&b.busy, "busy", false, "wait for no quiet machine, and count each boot: only ratios mean something then")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	look := func(ctx context.Context, sides []side) error {
		if *profile {
			return b.profile(ctx, sides, *runs)
		}
		return b.compare(ctx, sides, *runs)
	}
	err := b.prepare(*uptime)
	defer os.RemoveAll(b.work)
	switch {
	case err != nil:
	case *bookkeeping:
		err = b.bookkeeping(ctx)
	case *ram:
		err = b.leastMemory(ctx)
	case *drivers != "":
		err = b.driverSets(ctx, *drivers, look)
	case *farm != "":
		err = b.farm(ctx, *farm, look)
	default:
		err = look(ctx, b.sides())
	}
	if err != nil {
		os.RemoveAll(b.work)
		fmt.Fprintf(os.Stderr, "boot: %v\n", err)
		os.Exit(1)
	}
}

// A bench is what the sides have in common.
type bench struct {
	kernel, peer, ours, cached string // files
	image                      string // the reference of the container's image, as the machines know it
	busy                       bool   // the machine may be busy with something else
	work                       string // a folder for disks
}

// prepare serves the image of the program in file, and makes the folder for disks.
func (b *bench) prepare(file string) (err error) {
	if b.work, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b.image, err = registry.Serve(registry.Loopback, "uptime", "amd64", program)
	return err
}

// memory of the machines in MiB, where it is not what is searched.
const memory = 512

// A side is one way to boot the container.
type side struct {
	Name      string
	Initramfs string
	Args      string
	Disk      disk
	Kernel    string // "": the bench's
}

// disk is what disk a side's machine has.
type disk int

const (
	noDisk      disk = iota
	emptyDisk        // zeroes
	sameDisk         // the one that the last boot with an empty disk left
	networkDisk      // an empty one that a server has
)

// sides are those compared, the first being what the others are measured by.
func (b *bench) sides() []side {
	const static = "ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off "
	const cache = "b2c.cache_device=/dev/vda "
	peer := "peer_image=" + b.image
	run := b.run()
	return []side{
		{Name: "podman create, init, start", Initramfs: b.peer, Args: peer + " peer_steps=three"},
		{Name: "podman run", Initramfs: b.peer, Args: peer + " peer_steps=one"},
		{Name: "bootrc, static address", Initramfs: b.ours, Args: static + run},
		{Name: "bootrc, DHCP", Initramfs: b.ours, Args: run},
		{Name: "bootrc, static, empty disk", Initramfs: b.cached, Args: static + cache + run, Disk: emptyDisk},
		{Name: "bootrc, static, second boot", Initramfs: b.cached, Args: static + cache + run, Disk: sameDisk},
	}
}

// run is the argument that has bootrc run the container.
func (b *bench) run() string {
	return fmt.Sprintf("b2c.run=\"--tls-verify=false docker://%s\"", b.image)
}

// machine is the one that a side boots in.
func (b *bench) machine(s side, mib int) (machine.Hardware, error) {
	hw := b.hardware(s.Initramfs, s.Args, mib)
	if s.Kernel != "" {
		hw.Kernel = s.Kernel
	}
	if s.Disk == networkDisk {
		return hw, emptyFile(b.networkFile())
	}
	if s.Disk == noDisk {
		return hw, nil
	}
	if file := b.addDisk(&hw); s.Disk == emptyDisk {
		return hw, emptyFile(file)
	}
	return hw, nil
}

// emptyFile leaves 1 GiB of zeroes in the file, which a server may have open.
func emptyFile(file string) error {
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	return os.Truncate(file, 1<<30)
}

// hardware is a machine without a disk.
func (b *bench) hardware(initramfs, args string, mib int) machine.Hardware {
	return machine.Hardware{
		Arch: "amd64", Memory: mib, NICs: []string{machine.User},
		Threads: true, // a real machine's CPUs run beside each other
		// the line "Run /init as init process" has the kernel's level 6
		Kernel: b.kernel, Initramfs: initramfs, Arguments: "loglevel=7 " + args,
	}
}

// addDisk adds the bench's disk to a machine, and returns its file.
func (b *bench) addDisk(hw *machine.Hardware) (file string) {
	file = filepath.Join(b.work, "disk")
	hw.Disks = []machine.Disk{{Name: "disk", File: file}}
	return file
}

// networkFile is the file of a network disk.
func (b *bench) networkFile() string { return filepath.Join(b.work, "network-disk") }
