// Pack copies the drivers that an initramfs needs out of a kernel's modules:
//
//	go run ./kmod/pack [-v] [-only NAME,NAME… | -host | -dtb FILE|DIR] [-firmware DIR] [-parts] -o DESTDIR MODULES_DIR
//
// MODULES_DIR is a folder …/lib/modules/VERSION, with or without depmod's
// indexes: what is in an unpacked package will do. DESTDIR/lib/modules/VERSION
// gets all modules, or those chosen with all that they depend on, and indexes of no
// more than these. With -firmware, DESTDIR/lib/firmware gets the firmware that they name, as
// far as it is in DIR. With -parts, these are in folders of DESTDIR, one for each archive that
// the initramfs is made of (see parts).
//
// A small set is stored decompressed: the whole initramfs is compressed, and to
// decompress in two steps at boot takes longer. In a large one, each module stays
// compressed until it is wanted. What is in a module is never changed, so that signatures
// stay valid. The same input gives the same output.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pack: %v\n", err)
		os.Exit(1)
	}
}

// choice is which modules are packed: all, without any of these.
type choice struct {
	only string // names, with commas
	host bool   // those of this machine
	dtb  string // a device tree's file, or a folder of such
}

// modules returns the names of the chosen ones.
func (c choice) modules(src *source) ([]string, error) {
	switch {
	case c.only != "":
		return src.named(strings.Split(c.only, ","))
	case c.host:
		return src.ofHost("/")
	case c.dtb != "":
		return src.ofDeviceTrees(c.dtb)
	}
	return src.all(), nil
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: pack [-v] [-only NAME,NAME… | -host | -dtb FILE|DIR] [-firmware DIR] [-parts] -o DESTDIR MODULES_DIR")
		flags.PrintDefaults()
	}
	dest := flags.String("o", "", "write lib/modules into `DESTDIR`")
	firmware := flags.String("firmware", "", "pack the firmware that the modules name, from `DIR`")
	apart := flags.Bool("parts", false, "write them into folders of DESTDIR, one for each archive")
	var choice choice
	flags.StringVar(&choice.only, "only", "", "pack only the modules `NAME,NAME…` and what they need")
	flags.BoolVar(&choice.host, "host", false, "pack only the modules of this machine")
	flags.StringVar(&choice.dtb, "dtb", "", "pack only the modules for the devices of a device tree `FILE|DIR`")
	verbose := flags.Bool("v", false, "print the bytes of each folder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dest == "" || flags.NArg() != 1 {
		flags.Usage()
		return errors.New("give -o DESTDIR and one folder MODULES_DIR")
	}
	src, err := openSource(flags.Arg(0))
	if err != nil {
		return err
	}
	names, err := choice.modules(src)
	if err != nil {
		return err
	}
	set, err := src.withDependencies(names)
	if err != nil {
		return err
	}
	to := inOne(*dest)
	if *apart {
		to = inParts(*dest)
	}
	report, err := write(to, src, set)
	if err != nil {
		return err
	}
	if err := writeFirmware(to.more, *firmware, src.version, set, report); err != nil {
		return err
	}
	report.print(stdout, *verbose)
	if *firmware == "" && report.firmwareNamed > 0 {
		fmt.Fprintln(stdout, "without a folder of firmware, none is packed: some devices will not work")
	}
	return nil
}
