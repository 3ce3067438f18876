// Boot boots an initramfs in QEMU, on this terminal. It is the machine behind
// mkinitramfs.sh's --boot; docs/kernel-testing.md explains it to people who test kernels.
//
//	usage: boot -initramfs FILE [OPTION…] [ARG…] [-- COMMAND…]
//
// The ARGs go onto the kernel's command line. What runs is COMMAND in the image of -image, or else what an ARG says, or
// else a demo image, served on loopback.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"bootrc/oci/reference"
)

// Statuses beside the pipeline's: git-bisect(1) takes the first two for a bad kernel, and the third for one that cannot
// be tested.
const (
	statusEnded  = 123 // the machine ended without a status: a panic, or power-off by somebody else
	statusLate   = 124 // -timeout is over, as in timeout(1)
	statusFailed = 125 // there was no machine
)

// options are what the machine shall be.
type options struct {
	arch      string
	project   string // this project's folder
	initramfs string
	packed    string // the folder of the modules that are in the initramfs

	kernel  string // "": one of Debian's
	modules string
	image   string
	workdir string
	share   string
	console string
	network bool
	memory  int
	timeout time.Duration
	qemu    words

	arguments []string
	command   []string
}

func main() {
	o, check, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "boot: %v\n", err)
		os.Exit(statusFailed)
	}
	if check {
		return
	}
	if err := o.enterProject(); err != nil {
		fmt.Fprintf(os.Stderr, "boot: %v\n", err)
		os.Exit(statusFailed)
	}
	status, err := o.boot()
	if err != nil {
		fmt.Fprintf(os.Stderr, "boot: %v\n", err)
	}
	os.Exit(status)
}

const usage = `usage: ./mkinitramfs.sh … --boot [OPTION…] [ARG…] [-- COMMAND…]

Boot the initramfs in QEMU. ARGs go onto the kernel's command line; COMMAND runs in the image of --image.

`

// internal begins the help of what only mkinitramfs.sh gives.
const internal = "for mkinitramfs.sh: "

// parse reads the program's own command line. check says that nothing else is wanted.
func parse(args []string) (o options, check bool, err error) {
	if i := slices.Index(args, "--"); i >= 0 {
		args, o.command = args[:i], args[i+1:]
	}
	flags := flag.NewFlagSet("boot", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed once
	flags.BoolVar(&check, "check", false, internal+"look for mistakes on the command line alone")
	flags.StringVar(&o.project, "project", ".", internal+"its folder is `DIR`")
	flags.StringVar(&o.initramfs, "initramfs", "", internal+"boot `FILE`")
	flags.StringVar(&o.packed, "packed", "", internal+"the modules in the initramfs are those in `DIR`")
	flags.StringVar(&o.arch, "arch", runtime.GOARCH, "the machine's `ARCH`: amd64, arm64, arm (ARMv7) or riscv64")
	flags.StringVar(&o.kernel, "kernel", "", "boot the kernel in `FILE`, in place of Debian's")
	flags.StringVar(&o.modules, "modules", "", "its modules: `DIR` is …/lib/modules/VERSION, or what has lib/modules/VERSION in it")
	flags.StringVar(&o.image, "image", "", "run a container of `IMAGE`: a registry's, which this machine fetches, oci:DIR[:NAME] or oci-archive:FILE[:NAME]")
	flags.StringVar(&o.workdir, "workdir", "", "let the container read and write `DIR`, as /work, which is where it begins")
	flags.StringVar(&o.share, "share", "", "bring the work folder in by `WAY`: virtiofs, 9p, or disk, which copies it in and out")
	flags.StringVar(&o.console, "console", "", "write the console to `FILE`, too")
	network := flags.Bool("network", false, "have a network card; without --image, it has one in any case")
	alone := flags.Bool("no-network", false, "have none")
	flags.IntVar(&o.memory, "memory", 0, "have so many `MiB` of memory (default 512, with --image 2048)")
	flags.DurationVar(&o.timeout, "timeout", 0, "end the machine after that `TIME`, such as 90s or 5m, with status 124")
	flags.Var(&o.qemu, "qemu", "give QEMU these `OPTIONS`, too, quoted as in a shell; repeatable")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help(flags)
		}
		return o, false, err
	}
	o.arguments = flags.Args()
	o.network = *network || o.image == "" && !*alone
	if o.memory == 0 {
		o.memory = 512
		if o.image != "" {
			o.memory = 2048
		}
	}
	return o, check, o.check(*network && *alone)
}

func help(flags *flag.FlagSet) {
	fmt.Print(usage)
	flags.VisitAll(func(f *flag.Flag) {
		if value, text := flag.UnquoteUsage(f); !strings.HasPrefix(text, internal) {
			fmt.Printf("  --%s\n    \t%s\n", strings.TrimSpace(f.Name+" "+value), text)
		}
	})
}

// check says what is wrong with the options.
func (o options) check(both bool) error {
	switch {
	case both:
		return errors.New("--network and --no-network: one of them")
	case len(o.command) > 0 && o.image == "":
		return errors.New("a COMMAND runs in a container: --image says of which image")
	case o.workdir != "" && o.image == "":
		return errors.New("--workdir is a container's: --image says of which image")
	case o.image == "" && !o.network && !saysWhatToRun(o.arguments):
		return errors.New("without a network, --image says what runs")
	case o.share != "" && !slices.Contains(ways, o.share):
		return fmt.Errorf("--share %s: there are %v", o.share, ways)
	}
	for _, option := range []struct {
		name, value string
		folder      bool
	}{{"kernel", o.kernel, false}, {"modules", o.modules, true}, {"workdir", o.workdir, true}} {
		if option.value == "" {
			continue
		}
		info, err := os.Stat(option.value)
		switch {
		case err != nil:
			return fmt.Errorf("--%s: %w", option.name, err)
		case info.IsDir() != option.folder:
			return fmt.Errorf("--%s %s: it is no %s", option.name, option.value, map[bool]string{true: "folder", false: "file"}[option.folder])
		}
	}
	return nil
}

// enterProject makes the paths absolute, and the project's folder the current one: Go builds there what the machine needs.
func (o *options) enterProject() error {
	for _, path := range []*string{&o.initramfs, &o.packed, &o.kernel, &o.modules, &o.workdir, &o.console} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = absolute
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if ref, err := reference.Parse(o.image); err == nil && ref.Path != "" {
		o.image = ref.In(here).String()
	}
	return os.Chdir(o.project)
}

// boot boots the machine, and returns its pipeline's status or one of those above.
func (o options) boot() (status int, err error) {
	work, err := os.MkdirTemp("", "boot")
	if err != nil {
		return statusFailed, err
	}
	defer os.RemoveAll(work)
	k, err := o.findKernel()
	if err != nil {
		return statusFailed, err
	}
	j, err := o.job(work, k)
	if err != nil {
		return statusFailed, err
	}
	defer j.end()
	initramfs, err := o.stack(work, k, j)
	if err != nil {
		return statusFailed, err
	}
	fmt.Fprintf(os.Stderr, "boot: %s; ctrl-a x ends the machine\n", filepath.Base(k.image))
	status, err = o.run(k, j, initramfs)
	if err != nil {
		return status, err
	}
	if err := j.takeBack(); err != nil {
		return statusFailed, err
	}
	return status, nil
}
