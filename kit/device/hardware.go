// Package device tells what hardware the kernel has found and which driver has it,
// and of each change as the kernel reports it.
package device

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/order"

	"golang.org/x/sys/unix"
)

// Device is a piece of hardware that wants a driver.
type Device struct {
	Bus    string // "pci", "usb", "virtio" …
	Name   string // on its bus: "0000:00:03.0"
	Alias  string // what drivers are found by: "pci:v00001AF4d00001000…"
	Driver string // that has it; "" if none has
}

// Kind is what a device is for, as far as its alias says.
type Kind int

// The kinds that the boot waits for.
const (
	Other   Kind = iota
	Storage      // a disk, or what disks are attached to
	Network      // an interface
	Bus          // what other devices are found behind
)

// kinds are beginnings and parts of aliases (file2alias.c of the kernel), and what
// such devices are.
var kinds = []struct {
	prefix, part string
	kind         Kind
}{
	{"pci:", "bc01", Storage},
	{"pci:", "bc08sc05", Storage}, // SD host controllers
	{"pci:", "bc02", Network},
	{"pci:", "bc0Csc03", Bus}, // USB host controllers
	{"usb:", "ic08", Storage},
	{"usb:", "ic02", Network},
	{"usb:", "icE0isc01ip03", Network}, // RNDIS
	{"usb:", "icFF", Network},          // most cards without a class of their own
	{"usb:", "ic09", Bus},
	{"virtio:d00000001v", "", Network},
	{"virtio:d00000002v", "", Storage},
	{"virtio:d00000008v", "", Storage},
	{"virtio:d0000001Av", "", Storage}, // a file system
	{"scsi:t-0x00", "", Storage},
	{"scsi:t-0x0e", "", Storage},
	{"mmc:", "", Storage},
	{"sdio:", "", Network},
	{"vmbus:", "", Bus},
	{"xen:vbd", "", Storage},
	{"xen:vif", "", Network},
	{"of:Nethernet", "", Network},
	{"of:Nmmc", "", Storage},
	{"of:Nsata", "", Storage},
	{"of:Nusb", "", Bus},
	{"of:Npcie", "", Bus},
}

// Kind tells what the device is for.
func (d Device) Kind() Kind {
	for _, k := range kinds {
		if strings.HasPrefix(d.Alias, k.prefix) && strings.Contains(d.Alias, k.part) {
			return k.kind
		}
	}
	return Other
}

// String names the device and its driver.
func (d Device) String() string {
	driver := "driver " + d.Driver
	if d.Driver == "" {
		driver = "no driver"
	}
	return fmt.Sprintf("%s %s (%s): %s", d.Bus, d.Name, d.id(), driver)
}

// id is the part of the alias that a person looks for: vendor and device, as lspci
// and lsusb write them, or the alias's own beginning.
func (d Device) id() string {
	var vendor, product uint32
	for _, form := range []string{"pci:v%08Xd%08X", "usb:v%04Xp%04X", "virtio:d%08Xv%08X"} {
		if n, _ := fmt.Sscanf(d.Alias, form, &vendor, &product); n == 2 {
			return fmt.Sprintf("%04x:%04x", vendor, product)
		}
	}
	if len(d.Alias) > 40 {
		return d.Alias[:40] + "…"
	}
	return d.Alias
}

// Hardware returns the devices of the kinds that sys, which is /sys, shows, in the
// order of their buses and names.
func Hardware(sys string, wanted ...Kind) []Device {
	var devices []Device
	Walk(sys, func(folder, alias string) {
		bus := filepath.Base(filepath.Dir(filepath.Dir(folder)))
		d := Device{Bus: bus, Name: filepath.Base(folder), Alias: alias}
		if driver, err := os.Readlink(filepath.Join(folder, "driver")); err == nil {
			d.Driver = filepath.Base(driver)
		}
		if slices.Contains(wanted, d.Kind()) {
			devices = append(devices, d)
		}
	})
	order.By(devices, func(a, b Device) int {
		return strings.Compare(a.Bus+"\x00"+a.Name, b.Bus+"\x00"+b.Name)
	})
	return devices
}

// Seen lists the devices of a kind and the buses where more may come from, a line for
// each, with their drivers: what a person wants to know when one is missing.
func Seen(kind Kind) string {
	var b strings.Builder
	for _, d := range Hardware("/sys", kind, Bus) {
		if d.Kind() == kind || d.Driver == "" {
			fmt.Fprintf(&b, "\n  %v", d)
		}
	}
	if b.Len() == 0 {
		return "\n  the machine shows no such device"
	}
	return b.String()
}

// classes are those whose devices have an alias of their own.
var classes = [...]string{"dmi", "input"}

// Walk calls found with the folder and the alias of each device below sys that has an
// alias: those of all buses, of some classes, and the roots of buses that have one
// too, as the processor's. This finds what a walk through all of /sys/devices does,
// in a fifth of the time.
func Walk(sys string, found func(folder, alias string)) {
	roots, _ := names(sys + "/devices/system")
	for _, root := range roots {
		visit(sys+"/devices/system/"+root, false, found)
	}
	buses, _ := names(sys + "/bus")
	for _, bus := range buses {
		// processors and memory are many, and are described by their root
		scan(sys+"/bus/"+bus+"/devices", !slices.Contains(roots, bus), found)
	}
	for _, class := range classes {
		scan(sys+"/class/"+class, false, found)
	}
}

// scan looks at the devices in a folder. One that doesn't exist has none.
func scan(dir string, uevent bool, found func(folder, alias string)) {
	devices, _ := names(dir)
	for _, name := range devices {
		visit(dir+"/"+name, uevent, found)
	}
}

// visit finds the alias of one device. Some buses, as mmc and amba, show it only among
// the variables of its event.
func visit(folder string, uevent bool, found func(folder, alias string)) {
	alias := strings.TrimSpace(attribute(folder + "/modalias"))
	if alias == "" && uevent {
		_, rest, _ := strings.Cut("\n"+attribute(folder+"/uevent"), "\nMODALIAS=")
		alias, _, _ = strings.Cut(rest, "\n")
	}
	if alias != "" {
		found(folder, alias)
	}
}

// attribute returns what is in a file of sysfs, at most a page, or "" if it can't be
// read. It makes the three system calls that it takes and no more: there are hundreds.
func attribute(file string) string {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	var page [4096]byte
	n, err := unix.Read(fd, page[:])
	if err != nil {
		return ""
	}
	return string(page[:n])
}

// names returns the names in a folder, in no order.
func names(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
