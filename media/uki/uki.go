package uki

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"bootrc/media/load"
)

// Image is one unified kernel image.
type Image struct {
	load.Set
	Stubs     string // the folder with systemd's stubs
	Version   string // of the kernel
	Tree      string // the file of the device tree that the kernel gets in place of the firmware's; "": none
	Key, Cert string // files with which it is signed; "": it is not
}

// stubs are systemd's by Go's name of the architecture.
var stubs = map[string]string{"amd64": "linuxx64.efi.stub", "arm64": "linuxaa64.efi.stub"}

// Write writes the image to a file. Arguments of bootrc's are a file in the initramfs; the kernel's words
// are its command line, beside which Secure Boot lets no other.
func (i Image) Write(file string) error {
	name, ok := stubs[i.Arch]
	if !ok {
		return fmt.Errorf("systemd has no stub for %s: there are those for amd64 and arm64", i.Arch)
	}
	work := new(opened)
	defer work.close()
	stub, err := work.open(filepath.Join(i.Stubs, name))
	if err != nil {
		return err
	}
	sections, err := i.sections(work)
	if err != nil {
		return err
	}
	image, err := Join(stub, sections)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, image)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return i.sign(file)
}

// sections are what is added to the stub; the kernel, which unpacks itself behind its end, comes last.
func (i Image) sections(files *opened) ([]Section, error) {
	line, err := i.Line()
	if err != nil {
		return nil, err
	}
	kernel, err := files.open(i.Kernel)
	if err != nil {
		return nil, err
	}
	var initramfs bytes.Buffer
	if err := i.WriteInitramfs(&initramfs); err != nil {
		return nil, err
	}
	release := fmt.Sprintf("ID=bootrc\nNAME=bootrc\nPRETTY_NAME=\"bootrc on Linux %s\"\nVERSION_ID=%s\n", i.Version, i.Version)
	sections := []Section{
		{".osrel", []Part{Text(release)}},
		{".uname", []Part{Text(i.Version)}},
		{".cmdline", []Part{Text(line + "\x00")}},
		{".initrd", []Part{{bytes.NewReader(initramfs.Bytes()), int64(initramfs.Len())}}},
		{".linux", []Part{kernel}},
	}
	if i.Tree != "" {
		tree, err := files.open(i.Tree)
		if err != nil {
			return nil, err
		}
		sections = append([]Section{{".dtb", []Part{tree}}}, sections...)
	}
	return sections, nil
}

// opened are files that stay open while an image is put together.
type opened []*os.File

func (o *opened) open(name string) (Part, error) {
	f, err := os.Open(name)
	if err != nil {
		return Part{}, err
	}
	*o = append(*o, f)
	info, err := f.Stat()
	if err != nil {
		return Part{}, err
	}
	return Part{f, info.Size()}, nil
}

func (o *opened) close() {
	for _, f := range *o {
		f.Close()
	}
}

// sign has sbsign sign the image in its place.
func (i Image) sign(file string) error {
	if i.Key == "" {
		return nil
	}
	cmd := exec.Command("sbsign", "--key", i.Key, "--cert", i.Cert, "--output", file, file)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr // it may ask for the key's passphrase
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return nil
}
