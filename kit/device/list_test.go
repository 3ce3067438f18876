package device

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"bootrc/kit/command"
)

// Each device is listed with its driver, or that it has none; a machine without a bus says so.
func TestLists(t *testing.T) {
	sys := t.TempDir()
	for path, text := range map[string]string{
		"bus/pci/devices/0000:00:03.0/class": "0x020000\n", "bus/pci/devices/0000:00:03.0/vendor": "0x8086\n", "bus/pci/devices/0000:00:03.0/device": "0x100e\n",
		"bus/pci/devices/0000:00:04.0/class": "0x010802\n", "bus/pci/devices/0000:00:04.0/vendor": "0x1b36\n", "bus/pci/devices/0000:00:04.0/device": "0x0010\n",
		"bus/usb/devices/1-1/idVendor": "46f4\n", "bus/usb/devices/1-1/idProduct": "0001\n", "bus/usb/devices/1-1/product": "QEMU \x1b[2J DISK\n",
		"bus/usb/devices/1-1/1-1:1.0/bInterfaceClass": "08\n",
	} {
		file := filepath.Join(sys, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../../drivers/nvme", sys+"/bus/pci/devices/0000:00:04.0/driver"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	call := &command.Call{Stdout: &out}
	for _, list := range []func(*command.Call, string) error{listPCI, listUSB} {
		if err := list(call, sys); err != nil {
			t.Error(err)
		}
	}
	if err := listUSB(call, t.TempDir()); err != nil {
		t.Error(err)
	}
	const want = "0000:00:03.0  network card [0200]  8086:100e  no driver\n" +
		"0000:00:04.0  NVMe disk [0108]  1b36:0010  driver nvme\n" +
		"1-1      46f4:0001  QEMU \\x1b[2J DISK  no driver\n" +
		"the machine shows no USB devices\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}
