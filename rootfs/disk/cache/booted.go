package cache

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"bootrc/rootfs/disk"

	"golang.org/x/sys/unix"
)

// source is what is known of where the machine was started from.
type source struct {
	stick      string // its boot loader said so: UUID=… or LABEL=… of the filesystem
	firmware   bool   // UEFI said so
	partition  string // the UUID of the partition
	bootLoader bool   // without UEFI: a boot loader named the kernel's file
}

// bootSource asks the kernel's command line, on which a stick names itself, or UEFI's variables
// or, if they cannot be read, the line again.
func bootSource() source {
	text, _ := os.ReadFile("/proc/cmdline")
	if stick := stickOf(string(text)); stick != "" {
		return source{stick: stick}
	}
	if _, err := os.Stat(efiVariables); err == nil {
		// already mounted: then there is one more over it, for a moment
		if unix.Mount("efivarfs", efiVariables, "efivarfs", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "") == nil {
			defer unix.Unmount(efiVariables, 0)
			return source{firmware: true, partition: efiBootPartition(efiVariables)}
		}
	}
	return source{bootLoader: loadedFromFile(string(text))}
}

// isOn tells whether the machine was started from the disk. A BIOS does not say:
// where a boot loader has read the kernel from a file, any disk counts that holds
// something.
func (s source) isOn(d Disk) bool {
	if s.stick != "" {
		return slices.ContainsFunc(append([]Volume{d.Volume}, d.Partitions...), func(v Volume) bool {
			return strings.EqualFold("UUID="+v.Content.UUID, s.stick) || "LABEL="+v.Content.Label == s.stick
		})
	}
	if !s.firmware {
		return s.bootLoader && d.Content.Type != disk.Empty
	}
	return s.partition != "" && slices.ContainsFunc(d.Partitions, func(p Volume) bool {
		return strings.EqualFold(p.UUID, s.partition)
	})
}

// efiVariables is where the kernel shows UEFI's variables, each behind four bytes
// of attributes.
const efiVariables = "/sys/firmware/efi/efivars"

const (
	efiGlobal = "8be4df61-93ca-11d2-aa0d-00e098032b8c" // UEFI specification 3.3
	efiLoader = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f" // systemd's boot loader interface
)

// efiBootPartition returns the UUID of the partition that the firmware, or the
// boot loader, says it started from; none for a machine that was started from the
// network.
func efiBootPartition(folder string) string {
	if uuid := efiVariable(folder, "LoaderDevicePartUUID", efiLoader); len(uuid) > 0 {
		return strings.TrimRight(utf16Text(uuid), "\x00")
	}
	current := efiVariable(folder, "BootCurrent", efiGlobal)
	if len(current) < 2 {
		return ""
	}
	entry := fmt.Sprintf("Boot%04X", binary.LittleEndian.Uint16(current))
	return hardDrive(efiVariable(folder, entry, efiGlobal))
}

func efiVariable(folder, name, vendor string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, name+"-"+vendor))
	if err != nil || len(data) < 4 {
		return nil
	}
	return data[4:]
}

func utf16Text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// hardDrive finds the partition's UUID in a load option: attributes, the length of
// the device path, a name, the path (UEFI specification 3.1.3 and 10.3.5.1).
func hardDrive(option []byte) string {
	if len(option) < 6 {
		return ""
	}
	path := option[6:]
	for len(path) >= 2 && (path[0] != 0 || path[1] != 0) {
		path = path[2:] // the name, up to its end
	}
	for path = path[min(2, len(path)):]; len(path) >= 4; {
		length := int(binary.LittleEndian.Uint16(path[2:]))
		if length < 4 || length > len(path) {
			return ""
		}
		const media, drive, bySignature, byGUID = 4, 1, 1, 2
		if path[0] == media && path[1] == drive && length >= 42 {
			switch path[41] {
			case byGUID:
				return guid(path[24:40])
			case bySignature: // of an MBR, as the kernel makes a UUID of it
				return fmt.Sprintf("%08x-%02x", binary.LittleEndian.Uint32(path[24:]), binary.LittleEndian.Uint32(path[4:]))
			}
		}
		path = path[length:]
	}
	return ""
}

// guid writes a GUID, whose first three parts are little-endian.
func guid(b []byte) string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]),
		binary.LittleEndian.Uint16(b[6:]), b[8:10], b[10:16])
}

// stickOf returns the filesystem that a stick's boot loader names as its own.
func stickOf(cmdline string) (stick string) {
	for word := range strings.FieldsSeq(cmdline) {
		if value, found := strings.CutPrefix(word, "b2c.stick="); found {
			stick = value
		}
	}
	return stick
}

// loadedFromFile tells whether a boot loader named the file that it has read the
// kernel from: GRUB and SYSLINUX do.
func loadedFromFile(cmdline string) bool {
	for word := range strings.FieldsSeq(cmdline) {
		if strings.HasPrefix(word, "BOOT_IMAGE=") {
			return true
		}
	}
	return false
}
