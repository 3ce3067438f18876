// Boot measures the time from the kernel's start of /init to a container's first
// instruction, of bootrc and of podman, in the same virtual machine.
//
//	usage: go run ./bench/boot -kernel FILE -peer FILE -ours FILE -uptime FILE
//	                           [-runs N] [-ram] [-profile]
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
	"syscall"
)

func main() {
	var b bench
	flag.StringVar(&b.kernel, "kernel", "", "the `FILE` of the kernel")
	flag.StringVar(&b.peer, "peer", "", "the `FILE` of podman's initramfs")
	flag.StringVar(&b.ours, "ours", "", "the `FILE` of bootrc's initramfs, with drivers")
	uptime := flag.String("uptime", "", "the `FILE` of the container's only program")
	runs := flag.Int("runs", 5, "how often each side boots")
	ram := flag.Bool("ram", false, "instead, search the least memory that each side boots in")
	profile := flag.Bool("profile", false, "instead, boot only bootrc, and show the console of the least disturbed boot, with times")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := b.serve(*uptime)
	switch {
	case err != nil:
	case *profile:
		err = b.profile(ctx, *runs)
	case *ram:
		err = b.leastMemory(ctx)
	default:
		err = b.compare(ctx, *runs)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "boot: %v\n", err)
		os.Exit(1)
	}
}

// A bench is what the sides have in common.
type bench struct {
	kernel, peer, ours string // files
	image              string // the reference of the container's image, as the machines know it
}

// serve serves the image of the program in file.
func (b *bench) serve(file string) (err error) {
	b.image, err = serveImage(file)
	return err
}

// memory of the machines in MiB, where it is not what is searched.
const memory = 512

// A side is one way to boot the container.
type side struct {
	Name      string
	Initramfs string
	Args      string
}

// sides are those compared, the first being what the others are measured by.
func (b *bench) sides() []side {
	const static = "ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off "
	peer := "peer_image=" + b.image
	run := fmt.Sprintf("b2c.run=\"--tls-verify=false docker://%s\"", b.image)
	return []side{
		{"podman create, init, start", b.peer, peer + " peer_steps=three"},
		{"podman run", b.peer, peer + " peer_steps=one"},
		{"bootrc, static address", b.ours, static + run},
		{"bootrc, DHCP", b.ours, run},
	}
}

// machine is the one that a side boots in.
func (b *bench) machine(s side, mib int) machine {
	return machine{Kernel: b.kernel, Initramfs: s.Initramfs, Args: s.Args, MiB: mib}
}
