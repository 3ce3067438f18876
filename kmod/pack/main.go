// Pack copies the drivers that an initramfs needs out of a kernel's modules:
//
//	go run ./kmod/pack [-v] [-only NAME,NAME…] -o DESTDIR MODULES_DIR
//
// MODULES_DIR is a folder …/lib/modules/VERSION, with or without depmod's
// indexes: what is in an unpacked package will do. DESTDIR/lib/modules/VERSION
// gets the drivers to reach disks and the network, show a console and run
// containers (see drivers.go), all that they depend on, and indexes of no more
// than these; DESTDIR/lib/firmware gets the firmware that they name, as far as
// it is in …/lib/firmware. With -only, the named modules replace drivers.go's.
//
// Modules and firmware are stored decompressed: the whole initramfs is
// compressed, and to decompress in two steps at boot takes longer. Otherwise they
// are copied as they are, so that signatures stay valid. The same input gives
// the same output.
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

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: pack [-v] [-only NAME,NAME…] -o DESTDIR MODULES_DIR")
		flags.PrintDefaults()
	}
	dest := flags.String("o", "", "write lib/modules and lib/firmware into `DESTDIR`")
	only := flags.String("only", "", "pack only the modules `NAME,NAME…` and what they need")
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
	var names []string
	if *only != "" {
		names, err = src.named(strings.Split(*only, ","))
	} else {
		names, err = src.drivers()
	}
	if err != nil {
		return err
	}
	set, err := src.withDependencies(names)
	if err != nil {
		return err
	}
	report, err := write(*dest, src, set)
	if err != nil {
		return err
	}
	report.print(stdout, *verbose)
	return nil
}
