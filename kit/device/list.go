package device

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
)

// Lists are the commands that list hardware with its drivers.
func Lists() []command.Command {
	option := []command.Option{{Names: "-k, -n, -nn, -v", Help: "say all that it says anyway"}}
	return []command.Command{
		{Name: "lspci", Summary: "list PCI devices: class, vendor and device, and the driver, or that there is none", Options: option,
			Run: func(_ context.Context, call *command.Call) error { return listPCI(call, "/sys") }},
		{Name: "lsusb", Summary: "list USB devices: vendor and product, name, and the drivers, or that there is none", Options: option,
			Run: func(_ context.Context, call *command.Call) error { return listUSB(call, "/sys") }},
	}
}

// pciClasses are the base classes of the PCI Code and ID Assignment Specification, and what is common below them.
var pciClasses = map[string]string{
	"00": "device", "01": "disk controller", "0101": "IDE controller", "0106": "SATA controller", "0107": "SAS controller", "0108": "NVMe disk",
	"02": "network card", "03": "graphics card", "04": "multimedia device", "05": "memory", "06": "bridge",
	"07": "serial controller", "08": "system device", "0805": "SD host controller", "09": "input device", "0c": "serial bus", "0c03": "USB controller",
	"0c05": "SMBus", "0d": "radio", "0f": "satellite device", "10": "cipher device", "11": "signal processor", "12": "accelerator",
}

func listPCI(call *command.Call, sys string) error {
	devices, err := names(sys + "/bus/pci/devices")
	slices.Sort(devices)
	for _, name := range devices {
		folder := sys + "/bus/pci/devices/" + name
		class := strings.TrimPrefix(value(folder, "class"), "0x")
		if len(class) < 4 {
			class = "0000"
		}
		what := pciClasses[class[:4]]
		if what == "" {
			what = pciClasses[class[:2]]
		}
		call.Printf("%s  %s [%s]  %s:%s  %s\n", name, what, class[:4],
			strings.TrimPrefix(value(folder, "vendor"), "0x"), strings.TrimPrefix(value(folder, "device"), "0x"), driverOf(folder))
	}
	return none(call, "PCI", devices, err)
}

func listUSB(call *command.Call, sys string) error {
	devices, err := names(sys + "/bus/usb/devices")
	slices.Sort(devices)
	for _, name := range devices {
		folder := sys + "/bus/usb/devices/" + name
		if value(folder, "idVendor") == "" {
			continue // one function of a device
		}
		text := strings.TrimSpace(value(folder, "manufacturer") + " " + value(folder, "product"))
		call.Printf("%-8s %s:%s  %s  %s\n", name, value(folder, "idVendor"), value(folder, "idProduct"), foreign.Line(text), functionsOf(folder, name))
	}
	return none(call, "USB", devices, err)
}

// functionsOf names the drivers of a USB device's functions, each of which has one of its own.
func functionsOf(folder, name string) string {
	var drivers []string
	functions, _ := filepath.Glob(folder + "/*:*")
	for _, function := range functions {
		drivers = append(drivers, driverOf(function))
	}
	if len(drivers) == 0 {
		return driverOf(folder)
	}
	return strings.Join(drivers, ", ")
}

func none(call *command.Call, bus string, devices []string, err error) error {
	if len(devices) == 0 && err == nil || os.IsNotExist(err) {
		call.Printf("the machine shows no %s devices\n", bus)
		return nil
	}
	return err
}

func driverOf(folder string) string {
	driver, err := os.Readlink(folder + "/driver")
	if err != nil {
		return "no driver"
	}
	return fmt.Sprintf("driver %s", filepath.Base(driver))
}

func value(folder, name string) string { return strings.TrimSpace(attribute(folder + "/" + name)) }
