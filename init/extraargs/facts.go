package extraargs

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Facts is what a machine tells of itself.
type Facts struct {
	DMI        string                           // the folder, /sys/class/dmi/id
	DeviceTree string                           // the folder, /proc/device-tree
	Hardware   func() (net.HardwareAddr, error) // of the interface to everywhere
	Hostname   func() (string, error)
}

// value returns a fact by the name that iPXE and Talos have for it.
func (f Facts) value(name string) (string, error) {
	switch name {
	case "mac":
		address, err := f.Hardware()
		return address.String(), err
	case "mac:hexhyp":
		address, err := f.Hardware()
		return strings.ReplaceAll(address.String(), ":", "-"), err
	case "serial":
		return f.serial()
	case "uuid":
		return firmware(filepath.Join(f.DMI, "product_uuid"))
	case "hostname":
		return f.Hostname()
	case "arch":
		return runtime.GOARCH, nil
	}
	return "", errors.New("unknown; there are mac, mac:hexhyp, serial, uuid, hostname and arch")
}

// Names returns all names that the machine has: those that are not known yet are left out.
func (f Facts) Names() []string {
	var names []string
	for _, fact := range []string{"mac", "serial", "uuid", "hostname"} {
		if value, err := f.value(fact); err == nil && value != "" {
			names = append(names, value)
		}
	}
	return names
}

// serial is the machine's serial number: PCs have DMI, boards a device tree.
func (f Facts) serial() (string, error) {
	value, err := firmware(filepath.Join(f.DMI, "product_serial"))
	if err == nil {
		return value, nil
	}
	if value, treeErr := firmware(filepath.Join(f.DeviceTree, "serial-number")); !errors.Is(treeErr, fs.ErrNotExist) {
		return value, treeErr
	}
	return "", err
}

// firmware reads one value. Those of a device tree end with a zero byte.
func firmware(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("this machine's firmware does not tell: %w", err)
	}
	value := strings.TrimSpace(strings.TrimRight(string(content), "\x00"))
	if value == "" {
		return "", fmt.Errorf("this machine's firmware does not tell: %s is empty", path)
	}
	return value, nil
}
