package main

import (
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kmod"
)

// parts are the folders for what is on an initramfs, in the order of its archives. The kernel
// unpacks what fits into half of the memory that the archives leave, so what a machine can do
// without comes last.
type parts struct {
	tree   string // what is compressed with the rest: indexes, and modules that are not compressed
	stored [levels]string
	more   string // what is compressed again, behind devices: firmware, and indexes that no boot needs
}

// A level says how much a boot needs a module.
type level int

const (
	devices level = iota // of networks, disks and buses, and the usual file systems
	others
	comforts // no phase of a boot waits for it
	levels
)

// inOne is everything in one folder.
func inOne(dest string) parts {
	return parts{tree: dest, stored: [levels]string{dest, dest, dest}, more: dest}
}

func inParts(dest string) parts {
	in := func(name string) string { return filepath.Join(dest, name) }
	return parts{tree: in("tree"), stored: [levels]string{in("devices"), in("others"), in("comforts")}, more: in("more")}
}

// of returns the folder for a module.
func (p parts) of(m *module) string {
	if m.compression == "" {
		return p.tree
	}
	return p.stored[m.level]
}

// wanted are the folders below kernel/ of the modules that a boot needs most.
var wanted = []string{
	"drivers/ata/", "drivers/block/", "drivers/hv/", "drivers/message/", "drivers/mmc/", "drivers/net/", "drivers/nvme/",
	"drivers/phy/", "drivers/scsi/", "drivers/ufs/", "drivers/usb/core/", "drivers/usb/host/", "drivers/usb/storage/",
	"drivers/virtio/", "drivers/xen/",
	"fs/btrfs/", "fs/ext4/", "fs/fat/", "fs/isofs/", "fs/nfs/", "fs/overlayfs/", "fs/xfs/",
}

// ownLevel returns a module's level as far as no other needs it.
func (m *module) ownLevel() level {
	file := strings.TrimPrefix(m.plain(), "kernel/")
	switch {
	case kmod.Comfort(m.plain()):
		return comforts
	case slices.ContainsFunc(wanted, func(folder string) bool { return strings.HasPrefix(file, folder) }):
		return devices
	}
	return others
}

// setLevels sets the levels of a set of modules: what one needs, it needs as much as itself.
func setLevels(src *source, set []*module) error {
	for _, m := range set {
		m.level = m.ownLevel()
	}
	for _, m := range set {
		needs, err := src.closure(m)
		if err != nil {
			return err
		}
		for _, need := range needs {
			need.level = min(need.level, m.ownLevel())
		}
	}
	return nil
}
