// Package disk finds the machine's block devices and tells what is on them.
package disk

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bootrc/kit/within"

	"golang.org/x/sys/unix"
)

// Device is a disk or a partition, as /sys/class/block shows it.
type Device struct {
	Name      string // "sda1"
	Size      int64  // bytes
	ReadOnly  bool
	Removable bool // its medium can be taken out, or is a stick
	Physical  bool // hardware, and not a loop, RAM, RAID or mapped device

	// Of a partition only.
	Disk   string // the disk's Name
	Number int
	Start  int64  // bytes from the disk's beginning
	Label  string // the partition's name in a GPT
	UUID   string // the partition's
}

// Path is the device's file.
func (d Device) Path() string { return "/dev/" + d.Name }

// Partition tells whether the device is part of another.
func (d Device) Partition() bool { return d.Disk != "" }

// sysBlock is where the kernel shows block devices.
const sysBlock = "/sys/class/block"

// All returns the machine's block devices that hold something, by name, each
// disk before its partitions.
func All() ([]Device, error) { return all(sysBlock) }

func all(sys string) ([]Device, error) {
	ready := make(map[string]bool)
	if _, err := list(sys, func(d Device) bool { ready[d.Name] = d.Partition() || isReady(d.Path()); return false }); err != nil {
		return nil, err
	}
	// by now the partitions of these are there
	return list(sys, func(d Device) bool { return ready[d.Name] || d.Partition() && ready[d.Disk] })
}

// list returns those devices that have a size and are wanted: a drive without a medium, or an unused
// loop device, has none.
func list(sys string, wanted func(Device) bool) ([]Device, error) {
	entries, err := os.ReadDir(sys)
	if err != nil {
		return nil, err
	}
	var devices []Device
	for _, e := range entries {
		if d, ok := read(sys, e.Name()); ok && d.Size > 0 && wanted(d) {
			devices = append(devices, d)
		}
	}
	return devices, nil
}

// read reads one device's folder. The kernel counts in 512 bytes there, whatever
// the device's sectors are, and writes / as !.
func read(sys, entry string) (Device, bool) {
	dir, err := filepath.EvalSymlinks(filepath.Join(sys, entry))
	if err != nil {
		return Device{}, false
	}
	d := Device{
		Name:      strings.ReplaceAll(entry, "!", "/"),
		Size:      512 * number(dir, "size"),
		ReadOnly:  number(dir, "ro") == 1,
		Removable: number(dir, "removable") == 1,
	}
	_, err = os.Lstat(filepath.Join(dir, "device"))
	d.Physical = err == nil
	if d.Number = int(number(dir, "partition")); d.Number > 0 {
		d.Disk = strings.ReplaceAll(filepath.Base(filepath.Dir(dir)), "!", "/")
		d.Start = 512 * number(dir, "start")
		d.Label, d.UUID = partitionNames(dir)
	}
	return d, true
}

// partitionNames reads what the kernel tells of a GPT's entry.
func partitionNames(dir string) (label, uuid string) {
	text, _ := os.ReadFile(filepath.Join(dir, "uevent"))
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		switch key, value, _ := strings.Cut(lines.Text(), "="); key {
		case "PARTNAME":
			label = value
		case "PARTUUID":
			uuid = value
		}
	}
	return label, uuid
}

// number reads a number from sysfs; none is 0.
func number(dir, name string) int64 {
	text, _ := os.ReadFile(filepath.Join(dir, name))
	n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n
}

// isReady tells whether a device can be used: the kernel has looked for its partitions, and a drive has a
// medium. The kernel shows a disk before it does the former, and opening it waits for that.
func isReady(path string) bool {
	ready, err := within.Call(context.Background(), probeLimit, func() (bool, error) { return opens(path), nil })
	return ready || err != nil // what does not answer is there, and whoever reads it says more
}

func opens(path string) bool {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err != unix.ENOMEDIUM && err != unix.ENXIO && err != unix.ENODEV
	}
	defer unix.Close(fd)
	if !strings.HasPrefix(path, "/dev/sr") { // a CD drive keeps the size of the last disc, or of some disc
		return true
	}
	// CDROM_DRIVE_STATUS (Documentation/userspace-api/ioctl/cdrom.rst)
	const driveStatus, noDisc, trayOpen = 0x5326, 1, 2
	status, err := unix.IoctlRetInt(fd, driveStatus)
	return err != nil || status != noDisc && status != trayOpen
}

// InUse tells whether the device, or a part of it, is mounted, or belongs to an
// array, a mapped device or the swap.
func (d Device) InUse() bool {
	fd, err := unix.Open(d.Path(), unix.O_RDONLY|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err == unix.EBUSY
}
