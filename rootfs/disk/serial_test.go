package disk

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Where each kind of disk has its serial number, as the kernel shows it.
func TestSerials(t *testing.T) {
	const scsi = "pci/host2/target2:0:0/2:0:0:0"
	const usb = "pci/usb1/1-2/1-2:1.0/host3/target3:0:0/3:0:0:0"
	for _, c := range []struct {
		name  string
		at    string // the folder of the device that the disk is, below /sys/devices
		files map[string]string
		want  []string
	}{
		{"virtio", "pci/virtio1", map[string]string{"block/disk/serial": "BLK"}, []string{"BLK"}},
		{"nvme", "pci/nvme/nvme0", map[string]string{"serial": "NVME                \n"}, []string{"NVME"}},
		{"mmc", "pci/mmc0/mmc0:4567", map[string]string{"serial": "0xdeadbeef\n"}, []string{"0xdeadbeef"}},
		{"SCSI", scsi, map[string]string{"vpd_pg80": "\x00\x80\x00\x04SCSI"}, []string{"SCSI"}},
		{"ATA", scsi, map[string]string{"vpd_pg80": "\x00\x80\x00\x14                ATA1"}, []string{"ATA1"}},
		{"a page longer than its number", scsi, map[string]string{"vpd_pg80": "\x00\x80\x00\x02ABCD"}, []string{"AB"}},
		{"a page cut short", scsi, map[string]string{"vpd_pg80": "\x00\x80\xff\xffAB"}, []string{"AB"}},
		{"a page of less than its header", scsi, map[string]string{"vpd_pg80": "\x00\x80"}, nil},
		{"an empty page", scsi, map[string]string{"vpd_pg80": "\x00\x80\x00\x00"}, nil},
		{"a number of zeroes", scsi, map[string]string{"vpd_pg80": "\x00\x80\x00\x02\x00\x00"}, nil},
		{"a stick", usb, map[string]string{"../../../../idVendor": "46f4\n", "../../../../serial": "STICK\n"}, []string{"STICK"}},
		{"a disk in an enclosure", usb, map[string]string{
			"vpd_pg80": "\x00\x80\x00\x04DISK", "../../../../idVendor": "46f4\n", "../../../../serial": "BOX\n"}, []string{"DISK", "BOX"}},
		{"a stick without one, behind a hub", usb, map[string]string{
			"../../../../idVendor": "46f4\n", "../../../../../idVendor": "1d6b\n", "../../../../../serial": "0000:00:04.0\n"}, nil},
		{"none", scsi, nil, nil},
	} {
		root := t.TempDir()
		device := filepath.Join(root, "devices", c.at)
		disk := filepath.Join(device, "block/disk")
		if err := os.MkdirAll(disk, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../..", filepath.Join(disk, "device")); err != nil {
			t.Fatal(err)
		}
		for file, content := range c.files {
			if err := os.WriteFile(filepath.Join(device, file), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		class := filepath.Join(root, "disk")
		if err := os.Symlink(disk, class); err != nil {
			t.Fatal(err)
		}
		if got := serials(class); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
