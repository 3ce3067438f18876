package main

import (
	"fmt"
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

func writeRamdisk(o options, target string) error { return place(target, o.board().WriteRamdisk) }

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
