package disk

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// HasSerial tells whether number is a serial number of the disk, or of that which the device
// is a part of. A disk behind USB has up to two: its own, and that of its enclosure, which is
// the one that udev shows.
func (d Device) HasSerial(number string) bool {
	name := d.Name
	if d.Partition() {
		name = d.Disk
	}
	return slices.Contains(serials(filepath.Join(sysBlock, strings.ReplaceAll(name, "/", "!"))), number)
}

// serials returns the serial numbers that the kernel knows for a disk, given by its folder of
// sysfs.
func serials(disk string) []string {
	var found []string
	add := func(number []byte) {
		// firmware pads it with blanks or zeroes; nobody types those
		if text := strings.Trim(string(number), " \t\n\x00"); text != "" {
			found = append(found, text)
		}
	}
	for _, file := range []string{"serial", "device/serial"} { // virtio's; those of nvme and mmc
		number, _ := os.ReadFile(filepath.Join(disk, file))
		add(number)
	}
	add(unitSerial(filepath.Join(disk, "device/vpd_pg80")))
	if device, err := filepath.EvalSymlinks(filepath.Join(disk, "device")); err == nil {
		add(usbSerial(device))
	}
	return found
}

// unitSerial reads SCSI's page 0x80 of vital product data (SPC-5, 7.7.20): four bytes of header,
// of which the last two are the number's length, and the number.
func unitSerial(file string) []byte {
	page, _ := os.ReadFile(file)
	if len(page) < 4 {
		return nil
	}
	number := page[4:]
	return number[:min(int(page[2])<<8|int(page[3]), len(number))]
}

// usbSerial returns the serial number of the USB device that a device is a part of. Of sticks the
// kernel asks no other: some crash when they are asked for vital product data.
func usbSerial(device string) []byte {
	for ; device != "/"; device = filepath.Dir(device) {
		if _, err := os.Stat(filepath.Join(device, "idVendor")); err == nil {
			number, _ := os.ReadFile(filepath.Join(device, "serial"))
			return number
		}
	}
	return nil
}
