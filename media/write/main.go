// Write writes what carries a boot to a machine. mkinitramfs.sh runs it for --usb and its like:
//
//	go run ./media/write [-arch ARCH] -kernel FILE -initramfs FILE [-drivers FILE] [-loaders DIR] … KIND TARGET [WORD…]
//
// The WORDs are arguments, as they stand on a kernel's command line. What is written depends on
// the input alone, but for a stick that is written to a device, whose serial number is random.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"bootrc/media/load"
)

// options is what the flags say.
type options struct {
	load.Set
	loaders   string
	anyDisk   bool
	stubs     string
	version   string
	key, cert string
	program   string
	trees     []string
}

// kinds are what can be written to a target.
var kinds = map[string]func(o options, target string) error{
	"usb":    writeStick,
	"iso":    writeDisc,
	"uki":    writeUKI,
	"fit":    writeFIT,
	"uimage": writeRamdisk,
	"rpi":    writePi,
	"sbom":   writeSBOM,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(os.Stderr, "mkinitramfs.sh: %v\n", err)
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("write", flag.ContinueOnError)
	var o options
	flags.StringVar(&o.Arch, "arch", runtime.GOARCH, "the machine's `ARCH`, as Go names it")
	flags.StringVar(&o.Kernel, "kernel", "", "the `FILE` of the kernel")
	flags.StringVar(&o.Initramfs, "initramfs", "", "the `FILE` of the base initramfs")
	flags.StringVar(&o.Drivers, "drivers", "", "the `FILE` of the archive behind it")
	flags.StringVar(&o.Hooks, "hooks", "", "the `DIR` of more hooks, which go where a person finds them")
	flags.StringVar(&o.loaders, "loaders", "", "the `DIR` into which Debian's boot loaders were unpacked")
	flags.StringVar(&o.stubs, "stubs", "", "the `DIR` of systemd's stubs")
	flags.StringVar(&o.version, "version", "", "the kernel's `VERSION`")
	flags.StringVar(&o.key, "key", "", "sign with the key in this `FILE`")
	flags.StringVar(&o.cert, "cert", "", "and with the certificate in this `FILE`")
	flags.Func("dtb", "the `FILE` of a device tree, or a folder of such", o.addTrees)
	flags.StringVar(&o.program, "program", "", "the `FILE` of the program whose modules are listed")
	flags.BoolVar(&o.anyDisk, "any-disk", false, "write to a disk that cannot be removed, too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 2 || o.program == "" && (o.Kernel == "" || o.Initramfs == "") {
		return errors.New("usage: write -kernel FILE -initramfs FILE … KIND TARGET [WORD…]")
	}
	write, ok := kinds[flags.Arg(0)]
	if !ok {
		return fmt.Errorf("%s: there are %s", flags.Arg(0), strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	o.Words = flags.Args()[2:]
	return write(o, flags.Arg(1))
}

// addTrees adds the device tree in a file, or those in a folder and in the folders below it.
func (o *options) addTrees(path string) error {
	before := len(o.trees)
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (file == path || filepath.Ext(file) == ".dtb") {
			o.trees = append(o.trees, file)
		}
		return err
	})
	if err == nil && len(o.trees) == before {
		err = errors.New("there is no *.dtb in it")
	}
	return err
}
