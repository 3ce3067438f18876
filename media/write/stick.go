package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"bootrc/kit/size"
	"bootrc/media/stick"
)

// writeStick writes the image of a stick to a file, or to a stick.
func writeStick(o options, target string) error {
	medium := stick.Medium{Set: o.Set, Loaders: o.loaders}
	if stick.IsDevice(target) {
		return writeDevice(medium, target, o.anyDisk)
	}
	return place(target, func(file string) error { return medium.Write(file, 0) })
}

// writeDevice writes a stick that no other can be taken for.
func writeDevice(medium stick.Medium, path string, anyDisk bool) error {
	device, err := stick.FindDevice(path, anyDisk)
	if err != nil {
		return err
	}
	if err := device.Confirm(os.Stdin, os.Stderr); err != nil {
		return err
	}
	image, err := os.CreateTemp("", "stick")
	if err != nil {
		return err
	}
	defer os.Remove(image.Name())
	defer image.Close()
	var serial [4]byte
	rand.Read(serial[:])
	if err := medium.Write(image.Name(), binary.LittleEndian.Uint32(serial[:])|1); err != nil {
		return err
	}
	if err := device.Write(image.Name()); err != nil {
		return err
	}
	fmt.Printf("%s: written, and read again\n", device)
	return nil
}

func writeDisc(o options, target string) error {
	medium := stick.Medium{Set: o.Set, Loaders: o.loaders}
	return place(target, medium.WriteDisc)
}

// place has a file written beside its place, which it gets when it is whole.
func place(target string, write func(file string) error) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	unfinished := target + ".new"
	defer os.Remove(unfinished)
	if err := write(unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, target); err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err == nil {
		fmt.Printf("%s: %s\n", target, size.BinaryText(info.Size()))
	}
	return err
}
