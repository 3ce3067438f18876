package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bootrc/media/board"
	"bootrc/media/stick"
	"bootrc/media/uki"
)

func writeUKI(o options, target string) error {
	image := uki.Image{Set: o.Set, Stubs: o.stubs, Version: o.version, Key: o.key, Cert: o.cert}
	switch len(o.trees) {
	case 0:
	case 1:
		image.Tree = o.trees[0]
	default:
		return fmt.Errorf("an image for UEFI has one device tree, and here are %d", len(o.trees))
	}
	return place(target, image.Write)
}

func writeFIT(o options, target string) error { return place(target, o.board().WriteFIT) }

// writeRamdisk puts beside it the kernel whose drivers are in it, and says which words only U-Boot can give to that.
func writeRamdisk(o options, target string) error {
	line, err := o.Line()
	if err != nil {
		return err
	}
	if err := place(target, o.board().WriteRamdisk); err != nil {
		return err
	}
	if err := place(filepath.Join(filepath.Dir(target), o.KernelName()), o.copyKernel); err != nil {
		return err
	}
	fmt.Printf("%s: U-Boot gives the kernel its words: setenv bootargs '%s'\n", target, line)
	return nil
}

func (o options) copyKernel(file string) error {
	kernel, err := os.ReadFile(o.Kernel)
	if err != nil {
		return err
	}
	return os.WriteFile(file, kernel, 0o644)
}

func writePi(o options, target string) error {
	if err := o.board().WritePi(target); err != nil {
		return err
	}
	fmt.Printf("%s: README.txt names the firmware that belongs there, too\n", target)
	return nil
}

func (o options) board() board.Files {
	return board.Files{Set: o.Set, Trees: o.trees, Date: o.date()}
}

// date is that of what is written.
func (o options) date() time.Time { return stick.Date() }
