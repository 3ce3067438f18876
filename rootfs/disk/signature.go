package disk

import (
	"bytes"
	"fmt"
	"strings"
)

// signature is where something says what it is and what it is called.
type signature struct {
	kind  string
	at    int // from the start or, if negative, from the end
	magic string

	label, labelLen int // 0: it has none there
	uuid            int // 0: it has none there
	fits            func(start, end []byte, size int64) bool
}

// signatures are those of blkid(8) that stand for something worth keeping.
// Containers of other devices come after filesystems.
var signatures = []signature{
	{kind: Unfinished, at: unfinishedAt, magic: unfinishedMark},
	{kind: "ext4", at: 0x438, magic: "\x53\xef", label: 0x478, labelLen: 16, uuid: 0x468, fits: extIs("ext4")},
	{kind: "ext3", at: 0x438, magic: "\x53\xef", label: 0x478, labelLen: 16, uuid: 0x468, fits: extIs("ext3")},
	{kind: "ext2", at: 0x438, magic: "\x53\xef", label: 0x478, labelLen: 16, uuid: 0x468, fits: extIs("ext2")},
	{kind: "jbd", at: 0x438, magic: "\x53\xef", fits: extIs("jbd")},
	{kind: "xfs", at: 0, magic: "XFSB", label: 108, labelLen: 12, uuid: 32},
	{kind: "btrfs", at: 0x10040, magic: "_BHRfS_M", label: 0x1012b, labelLen: 256, uuid: 0x10020},
	{kind: "f2fs", at: 0x400, magic: "\x10\x20\xf5\xf2", uuid: 0x46c},
	{kind: "erofs", at: 0x400, magic: "\xe2\xe1\xf5\xe0", label: 0x440, labelLen: 16, uuid: 0x430},
	{kind: "squashfs", at: 0, magic: "hsqs"},
	{kind: "vfat", at: 82, magic: "FAT32   ", label: 71, labelLen: 11},
	{kind: "vfat", at: 54, magic: "FAT1", label: 43, labelLen: 11},
	{kind: "exfat", at: 3, magic: "EXFAT   "},
	{kind: "ntfs", at: 3, magic: "NTFS    "},
	{kind: "iso9660", at: 0x8001, magic: "CD001", label: 0x8028, labelLen: 32},
	{kind: "udf", at: 0x8801, magic: "NSR0"},
	{kind: "udf", at: 0x9001, magic: "NSR0"},
	{kind: "hfsplus", at: 0x400, magic: "H+"},
	{kind: "hfsplus", at: 0x400, magic: "HX"},
	{kind: "apfs", at: 32, magic: "NXSB"},
	{kind: "refs", at: 3, magic: "ReFS\x00"},
	{kind: "nilfs2", at: 0x406, magic: "\x34\x34"},
	{kind: "jfs", at: 0x8000, magic: "JFS1"},
	{kind: "reiserfs", at: 0x10034, magic: "ReIsEr"},
	{kind: "reiser4", at: 0x10000, magic: "ReIsEr4"},
	{kind: "bcache", at: 0x1018, magic: "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"},
	{kind: "bcachefs", at: 0x1018, magic: "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef", uuid: 0x1038},
	{kind: "gfs2", at: 0x10000, magic: "\x01\x16\x19\x70"},
	{kind: "ocfs2", at: 0x2000, magic: "OCFSV2"},
	{kind: "swap", at: 4086, magic: "SWAPSPACE2", label: 1052, labelLen: 16, uuid: 1036},
	{kind: "swap", at: 65526, magic: "SWAPSPACE2", label: 1052, labelLen: 16, uuid: 1036}, // 64 KiB pages
	{kind: "swsuspend", at: 4086, magic: "S1SUSPEND"},

	{kind: "crypto_LUKS", at: 0, magic: "LUKS\xba\xbe\x00\x02", label: 24, labelLen: 48},
	{kind: "crypto_LUKS", at: 0, magic: "LUKS\xba\xbe"},
	{kind: "crypto_LUKS", at: 0x4000, magic: "SKUL\xba\xbe"}, // only the second header is left
	{kind: "BitLocker", at: 3, magic: "-FVE-FS-"},
	{kind: "LVM2_member", at: 0x018, magic: "LVM2 001"},
	{kind: "LVM2_member", at: 0x218, magic: "LVM2 001"},
	{kind: "LVM2_member", at: 0x418, magic: "LVM2 001"},
	{kind: "LVM2_member", at: 0x618, magic: "LVM2 001"},
	{kind: "linux_raid_member", at: 0, magic: "\xfc\x4e\x2b\xa9"},          // 1.1
	{kind: "linux_raid_member", at: 0x1000, magic: "\xfc\x4e\x2b\xa9"},     // 1.2
	{kind: "linux_raid_member", fits: raidAtEnd},                           // 0.90 and 1.0
	{kind: "isw_raid_member", at: -1024, magic: "Intel Raid ISM Cfg Sig."}, // firmware's RAID
	{kind: "ddf_raid_member", at: -512, magic: "\xde\x11\xde\x11"},
	{kind: "zfs_member", fits: zfs},
	{kind: "ceph_bluestore", at: 0, magic: "bluestore block device"},
	{kind: "drbd", at: -4036, magic: "\x83\x74\x02\x6b"},
	{kind: "drbd", at: -4036, magic: "\x83\x74\x02\x6d"},
	{kind: "qcow2", at: 0, magic: "QFI\xfb"},
}

// found tells whether the signature is there. The last MiB is end, of any size.
func (s signature) found(start, end []byte, size int64) bool {
	from := start[max(s.at, 0):]
	if s.at < 0 {
		from = end[window+s.at:]
	}
	return bytes.HasPrefix(from, []byte(s.magic)) && (s.fits == nil || s.fits(start, end, size))
}

// names returns the label and the UUID that go with the signature.
func (s signature) names(start []byte) (label, uuid string) {
	if s.labelLen > 0 {
		text, _, _ := strings.Cut(string(start[s.label:s.label+s.labelLen]), "\x00")
		label = strings.Map(printable, strings.TrimRight(text, " "))
	}
	if s.uuid > 0 {
		u := start[s.uuid : s.uuid+16]
		uuid = fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
	}
	if s.kind == "vfat" {
		uuid = serial(start[s.label-4:])
		if label == "NO NAME" {
			label = ""
		}
	}
	return label, uuid
}

// serial is the volume ID of a FAT, as blkid(8) writes it.
func serial(b []byte) string { return fmt.Sprintf("%04X-%04X", le16(b[2:]), le16(b)) }

// printable keeps what a disk says from reprogramming the terminal.
func printable(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 {
		return '?'
	}
	return r
}

// extIs tells the extended filesystems apart by the features in the superblock
// (Documentation/filesystems/ext4/super.rst of the kernel).
func extIs(kind string) func(start, end []byte, size int64) bool {
	const (
		journal       = 0x4                 // compat: has_journal
		newer         = 0x40 | 0x80 | 0x200 // incompat: extents, 64bit, flex_bg
		journalDevice = 0x8                 // incompat
	)
	return func(start, _ []byte, _ int64) bool {
		compat, incompat := le32(start[0x45c:]), le32(start[0x460:])
		is := "ext2"
		switch {
		case incompat&journalDevice != 0:
			is = "jbd"
		case incompat&newer != 0:
			is = "ext4"
		case compat&journal != 0:
			is = "ext3"
		}
		return is == kind
	}
}

// raidAtEnd recognises the superblocks of Linux' RAID that stand at the end of a
// member, aligned to 64 KiB (0.90) or to 4 KiB (1.0): md(4).
func raidAtEnd(_, end []byte, size int64) bool {
	const magic = "\xfc\x4e\x2b\xa9"
	at := func(position int64) bool {
		offset := position - (size - window)
		return offset >= 0 && offset < window && bytes.HasPrefix(end[offset:], []byte(magic))
	}
	old := size&^(64<<10-1) - 64<<10
	recent := (size>>9 - 16) &^ 7 << 9
	return at(old) || at(recent)
}

// zfs recognises a label by the magic number of the uberblocks in it, which has
// the byte order of the machine that wrote it; two labels are at the start, two at
// the end of a device.
func zfs(start, end []byte, size int64) bool {
	const label, ring, uberblock = 256 << 10, 128 << 10, 1 << 10
	last := end[window-512<<10-int(size%label):]
	for _, labels := range [][]byte{start[:2*label], last[:2*label]} {
		for at := 0; at < len(labels); at += uberblock {
			magic := labels[at:]
			inRing := at%label >= ring
			if inRing && (bytes.HasPrefix(magic, []byte(zfsLittle)) || bytes.HasPrefix(magic, []byte(zfsBig))) {
				return true
			}
		}
	}
	return false
}

// The magic number of a ZFS uberblock, 0x00bab10c, in both byte orders.
const (
	zfsLittle = "\x0c\xb1\xba\x00\x00\x00\x00\x00"
	zfsBig    = "\x00\x00\x00\x00\x00\xba\xb1\x0c"
)
