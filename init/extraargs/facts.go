package extraargs

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Facts is what a machine tells of itself.
type Facts struct {
	DMI      string                           // the folder, /sys/class/dmi/id
	Hardware func() (net.HardwareAddr, error) // of the interface to everywhere
	Hostname func() (string, error)
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
		return f.dmi("product_serial")
	case "uuid":
		return f.dmi("product_uuid")
	case "hostname":
		return f.Hostname()
	case "arch":
		return runtime.GOARCH, nil
	}
	return "", errors.New("unknown; there are mac, mac:hexhyp, serial, uuid, hostname and arch")
}

func (f Facts) dmi(name string) (string, error) {
	path := filepath.Join(f.DMI, name)
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("this machine's firmware does not tell: %w", err)
	}
	value := strings.TrimSpace(string(content))
	if value == "" {
		return "", fmt.Errorf("this machine's firmware does not tell: %s is empty", path)
	}
	return value, nil
}
