package board

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// piConfig is what the firmware of a Raspberry Pi reads (its documentation, config.txt).
const piConfig = `# What a Raspberry Pi starts from this partition. cmdline.txt holds the arguments, on one line.
arm_64bit=1
enable_uart=1
kernel=%s
initramfs %s followkernel
`

// piReadme names what is not ours to ship.
const piReadme = `Copy all of this to the first partition of an SD card or a stick, with a FAT on it.

The firmware is not here. From Debian's package raspi-firmware (/usr/lib/raspi-firmware), or from
https://github.com/raspberrypi/firmware (the folder boot), add for a

    Raspberry Pi 3, Zero 2 W    bootcode.bin, start.elf, fixup.dat
    Raspberry Pi 4, 400, CM4    start4.elf, fixup4.dat
    Raspberry Pi 5              nothing: it has its firmware on the board
`

// WritePi writes to a folder what goes on the first partition of a Raspberry Pi.
func (f Files) WritePi(folder string) error {
	if f.Arch != "arm64" {
		return fmt.Errorf("a Raspberry Pi is no %s: say --arch arm64", f.Arch)
	}
	if !strings.Contains(strings.Join(f.Words, " "), "console=") {
		f.Words = append([]string{"console=ttyS1,115200", "console=tty0"}, f.Words...)
	}
	line, err := f.CommandLine()
	if err != nil {
		return err
	}
	archives := []string{f.InitramfsName()}
	files := map[string]string{f.KernelName(): f.Kernel, f.InitramfsName(): f.Initramfs}
	if f.Drivers != "" {
		archives = append(archives, f.DriversName())
		files[f.DriversName()] = f.Drivers
	}
	for _, tree := range f.Trees {
		files[filepath.Base(tree)] = tree
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"config.txt":  fmt.Sprintf(piConfig, f.KernelName(), strings.Join(archives, ",")),
		"cmdline.txt": line + "\n",
		"README.txt":  piReadme,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	for name, from := range files {
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
