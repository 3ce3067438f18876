// Package kconfig says what a kernel lacks by the symbol of its configuration: docs/kernel.md lists them all.
package kconfig

import "errors"

// Lacks returns the error that this kernel lacks what symbol, such as "PID_NS", would give it.
func Lacks(what, symbol string) error {
	return errors.New("this kernel has no " + what + ": it was built without CONFIG_" + symbol)
}

// LacksModule is Lacks for what may be a module, too.
func LacksModule(what, symbol string) error {
	return errors.New("this kernel has no " + what + ": CONFIG_" + symbol + " must be built in, or its module be on the initramfs")
}

// Filesystem is LacksModule for a type of file system, as mount(8) names it.
func Filesystem(kind string) error {
	if symbol := filesystems[kind]; symbol != "" {
		return LacksModule("filesystem "+kind, symbol)
	}
	return errors.New("this kernel has no filesystem " + kind + ": is its module on the initramfs?")
}

// filesystems are the symbols of those whose names do not tell.
var filesystems = map[string]string{
	"proc": "PROC_FS", "sysfs": "SYSFS", "devtmpfs": "DEVTMPFS", "tmpfs": "TMPFS", "devpts": "UNIX98_PTYS", "mqueue": "POSIX_MQUEUE",
	"cgroup2": "CGROUPS", "overlay": "OVERLAY_FS", "ext4": "EXT4_FS", "xfs": "XFS_FS", "btrfs": "BTRFS_FS", "f2fs": "F2FS_FS",
	"vfat": "VFAT_FS", "exfat": "EXFAT_FS", "ntfs3": "NTFS3_FS", "iso9660": "ISO9660_FS", "udf": "UDF_FS", "squashfs": "SQUASHFS",
	"erofs": "EROFS_FS", "9p": "9P_FS", "virtiofs": "VIRTIO_FS", "fuse": "FUSE_FS", "nfs": "NFS_FS", "nfs4": "NFS_V4", "cifs": "CIFS",
	"pstore": "PSTORE", "bpf": "BPF_SYSCALL", "debugfs": "DEBUG_FS", "efivarfs": "EFIVAR_FS",
}
