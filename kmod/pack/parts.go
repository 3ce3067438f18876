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
	devices     level = iota // of networks, disks and buses, and the file systems of caches, sticks and containers
	filesystems              // that others keep volumes and images on
	others
	comforts // no phase of a boot waits for it
	levels
)

// inOne is everything in one folder.
func inOne(dest string) parts {
	return parts{tree: dest, stored: [levels]string{dest, dest, dest, dest}, more: dest}
}

func inParts(dest string) parts {
	in := func(name string) string { return filepath.Join(dest, name) }
	stored := [levels]string{in("devices"), in("filesystems"), in("others"), in("comforts")}
	return parts{tree: in("tree"), stored: stored, more: in("more")}
}

// of returns the folder for a module.
func (p parts) of(m *module) string {
	if m.compression == "" {
		return p.tree
	}
	return p.stored[m.level]
}

// wanted are the folders below kernel/ of the modules that a boot needs most.
var wanted = map[level][]string{
	devices: {
		"drivers/ata/", "drivers/block/", "drivers/hv/", "drivers/message/", "drivers/mmc/", "drivers/net/", "drivers/nvme/",
		"drivers/phy/", "drivers/scsi/", "drivers/ufs/", "drivers/usb/core/", "drivers/usb/host/", "drivers/usb/storage/",
		"drivers/virtio/", "drivers/xen/",
		"fs/ext4/", "fs/fat/", "fs/isofs/", "fs/overlayfs/",
	},
	filesystems: {"fs/btrfs/", "fs/nfs/", "fs/xfs/"},
}

// ownLevel returns a module's level as far as no other needs it.
func (m *module) ownLevel() level {
	file := strings.TrimPrefix(m.plain(), "kernel/")
	if kmod.Comfort(m.plain()) {
		return comforts
	}
	for level := range others {
		if slices.ContainsFunc(wanted[level], func(folder string) bool { return strings.HasPrefix(file, folder) }) {
			return level
		}
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
