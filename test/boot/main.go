// Boot boots an initramfs in QEMU, on this terminal. It is the machine behind
// mkinitramfs.sh's --boot, in whose folder it runs.
//
//	usage: boot [-arch ARCH] [-modules DIR] INITRAMFS [ARG…]
//
// The ARGs go onto the kernel's command line. Where none of them says what to run, it
// is a demo image, served on loopback. The machine has Debian's newest 6.12 kernel, else
// its newest, and two CPUs, 512 MiB and a network card; what the card needs of the
// kernel's modules is stacked on the initramfs, unless DIR, the modules that are in it, has a
// folder for that kernel. ctrl-a x ends the machine. The exit status is the pipeline's, or 1
// where the machine ended without one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"

	"bootrc/test/machine"
	"bootrc/test/registry"
)

func main() {
	arch := flag.String("arch", runtime.GOARCH, "the machine's `ARCH`, as Go names it")
	modules := flag.String("modules", "", "the `DIR` of the modules that are in the initramfs")
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	status, err := boot(*arch, *modules, flag.Arg(0), flag.Args()[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "boot: %v\n", err)
		status = 1
	}
	os.Exit(status)
}

// boot boots the machine, and returns its pipeline's status.
func boot(arch, modules, initramfs string, args []string) (status int, err error) {
	if !saysWhatToRun(args) {
		demo, err := registry.ServeDemo(registry.Loopback, arch)
		if err != nil {
			return 0, err
		}
		args = append([]string{`b2c.run="--tls-verify=false docker://` + demo + `"`}, args...)
	}
	kernel, err := machine.DebianKernel(arch, "6.12")
	if err != nil {
		kernel, err = machine.DebianKernel(arch, "")
	}
	if err != nil {
		return 0, err
	}
	work, err := os.MkdirTemp("", "boot")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	if initramfs, err = withDrivers(work, initramfs, modules, kernel); err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "boot: %s; ctrl-a x ends the machine\n", filepath.Base(kernel.Modules))
	return run(machine.Hardware{
		Arch: arch, Memory: 512, NICs: []string{machine.User},
		Kernel: kernel.Image, Initramfs: initramfs, Arguments: kernelLine(args),
		Output: os.Stdout, Keyboard: os.Stdin,
	})
}

// withDrivers returns the initramfs with the modules stacked on it that the machine needs
// and that are not in it.
func withDrivers(work, initramfs, modules string, kernel machine.Kernel) (file string, err error) {
	if modules != "" {
		if _, err := os.Stat(filepath.Join(modules, filepath.Base(kernel.Modules))); err == nil {
			return initramfs, nil
		}
	}
	drivers := filepath.Join(work, "drivers")
	if err := machine.Pack(".", kernel, []string{"virtio_net", "overlay"}, drivers); err != nil {
		return "", err
	}
	f, err := os.Create(filepath.Join(work, "initramfs"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.Name(), machine.Stack(f, initramfs, machine.Tree{From: drivers})
}

// statusLine is what CI systems match, too.
var statusLine = regexp.MustCompile(`Execution is over, pipeline status: ([0-9]+)\r*\n`)

// run runs the machine to its end.
func run(hw machine.Hardware) (status int, err error) {
	m, err := machine.Start(hw, 0)
	if err != nil {
		return 0, err
	}
	if _, err := m.Wait(); err != nil {
		return 0, err
	}
	lines := statusLine.FindAllSubmatch(m.Console.Raw(), -1)
	if len(lines) == 0 {
		return 0, errors.New("the machine ended without a pipeline status")
	}
	return strconv.Atoi(string(lines[len(lines)-1][1]))
}
