package cache

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/rootfs/disk"
)

// A load option as a firmware has it: a PCI path, a partition, a file.
const loadOption = "\x01\x00\x00\x00\x62\x00" + // active; the path's length
	"d\x00e\x00b\x00\x00\x00" + // its name
	"\x02\x01\x0c\x00\xd0\x41\x03\x0a\x00\x00\x00\x00" + // ACPI
	"\x04\x01\x2a\x00\x01\x00\x00\x00" + // hard drive, partition 1
	"\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00" +
	"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b" + "\x02\x02" +
	"\x7f\xff\x04\x00" // the end

const bootPartition = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"

func TestEFIBootPartition(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		variables  map[string]string
	}{
		{"nothing", "", nil},
		{"the firmware's entry", bootPartition, map[string]string{
			"BootCurrent-" + efiGlobal: "\x0a\x00", "Boot000A-" + efiGlobal: loadOption}},
		{"the boot loader", "ab-cd", map[string]string{
			"LoaderDevicePartUUID-" + efiLoader: "a\x00b\x00-\x00c\x00d\x00\x00\x00", "BootCurrent-" + efiGlobal: "\x0a\x00"}},
		{"a partition of an MBR", "1122abcd-02", map[string]string{
			"BootCurrent-" + efiGlobal: "\x00\x00", "Boot0000-" + efiGlobal: "\x01\x00\x00\x00\x2a\x00\x00\x00" +
				"\x04\x01\x2a\x00\x02\x00\x00\x00" + strings.Repeat("\x00", 16) + "\xcd\xab\x22\x11" + strings.Repeat("\x00", 12) + "\x01\x01"}},
		{"an entry that is gone", "", map[string]string{"BootCurrent-" + efiGlobal: "\x0a\x00"}},
		{"the network", "", map[string]string{
			"BootCurrent-" + efiGlobal: "\x00\x00", "Boot0000-" + efiGlobal: "\x01\x00\x00\x00\x04\x00n\x00\x00\x00\x7f\xff\x04\x00"}},
		{"a broken entry", "", map[string]string{
			"BootCurrent-" + efiGlobal: "\x00\x00", "Boot0000-" + efiGlobal: loadOption[:40]}},
		{"a node without a length", "", map[string]string{
			"BootCurrent-" + efiGlobal: "\x00\x00", "Boot0000-" + efiGlobal: "\x01\x00\x00\x00\x04\x00n\x00\x00\x00\x04\x01\x00\x00"}},
	} {
		folder := t.TempDir()
		for name, value := range tt.variables {
			if err := os.WriteFile(filepath.Join(folder, name), []byte("\x07\x00\x00\x00"+value), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := efiBootPartition(folder); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBootSource(t *testing.T) {
	on := func(uuid, content string) Disk {
		d := Disk{Volume: Volume{Content: disk.Content{Type: content}}}
		d.Partitions = []Volume{{Device: disk.Device{UUID: uuid}, Content: disk.Content{UUID: "1234-" + uuid}}}
		return d
	}
	labelled := Disk{Volume: Volume{Content: disk.Content{Label: "BOOTRC_1"}}}
	for _, tt := range []struct {
		name string
		from source
		disk Disk
		want bool
	}{
		{"UEFI, this disk", source{firmware: true, partition: "AB-CD"}, on("ab-cd", "gpt"), true},
		{"UEFI, another disk", source{firmware: true, partition: "ef-01"}, on("ab-cd", "gpt"), false},
		{"UEFI, the network", source{firmware: true}, on("", "gpt"), false},
		{"BIOS, a file", source{bootLoader: true}, on("", "dos"), true},
		{"BIOS, a file, but the disk is empty", source{bootLoader: true}, on("", disk.Empty), false},
		{"a stick that names itself", source{stick: "UUID=1234-AB-CD"}, on("ab-cd", "dos"), true},
		{"a disc that names itself", source{stick: "LABEL=BOOTRC_1"}, labelled, true},
		{"beside such a stick", source{stick: "UUID=1234-AB-CD"}, on("", "dos"), false},
		{"BIOS, the network", source{}, on("", "dos"), false},
	} {
		if got := tt.from.isOn(tt.disk); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
	if !loadedFromFile("BOOT_IMAGE=/vmlinuz quiet") || loadedFromFile("quiet initrd=b2c") {
		t.Error("a boot loader's BOOT_IMAGE= is not recognised")
	}
	if stick := stickOf("BOOT_IMAGE=/vmlinuz b2c.stick=UUID=1234-ABCD quiet"); stick != "UUID=1234-ABCD" {
		t.Errorf("what a stick calls itself: %q", stick)
	}
}
