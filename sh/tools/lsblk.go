package tools

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/moby/sys/mountinfo"
)

func lsblk(ctx context.Context, c *call) error {
	if _, err := newOptions().parse(c.Args, 0, 0); err != nil {
		return err
	}
	disks, err := blockDevices("/sys/class/block")
	if err != nil {
		return err
	}
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return err
	}
	rows := [][]string{{"NAME", "SIZE", "RO", "TYPE", "FSTYPE", "LABEL", "MOUNTPOINT"}}
	for _, d := range disks {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		content, label := probe("/dev/" + d.name)
		name := d.name
		if d.kind == "part" {
			name = "  " + name
		}
		rows = append(rows, []string{name, humanSize(d.size), d.readOnly, d.kind, content, label, mountedAt(mounts, d.number)})
	}
	c.printTable(rows, "lrrllll")
	return nil
}

type blockDevice struct {
	name, kind, readOnly string
	number               string // MAJOR:MINOR
	size                 uint64 // bytes
}

// blockDevices lists what sysfs knows, each disk before its partitions, without
// the empty ones: unused loop devices, drives without a disc.
func blockDevices(sys string) ([]blockDevice, error) {
	entries, err := os.ReadDir(sys)
	if err != nil {
		return nil, err
	}
	var devices []blockDevice
	for _, e := range entries {
		dir := filepath.Join(sys, e.Name())
		attribute := func(name string) string {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			return strings.TrimSpace(string(text))
		}
		sectors, err := strconv.ParseUint(attribute("size"), 10, 64)
		if err != nil || sectors == 0 {
			continue
		}
		// sysfs counts in 512 bytes, whatever the device's sectors are, and writes / as !
		d := blockDevice{name: strings.ReplaceAll(e.Name(), "!", "/"), size: sectors * 512,
			readOnly: attribute("ro"), number: attribute("dev")}
		d.kind = deviceKind(d.name, attribute("partition") != "")
		devices = append(devices, d)
	}
	return devices, nil
}

func deviceKind(name string, partition bool) string {
	if partition {
		return "part"
	}
	for _, k := range []struct{ prefix, kind string }{{"loop", "loop"}, {"dm-", "dm"}, {"md", "raid"}, {"sr", "rom"}, {"ram", "ram"}} {
		if strings.HasPrefix(name, k.prefix) {
			return k.kind
		}
	}
	return "disk"
}

func mountedAt(mounts []*mountinfo.Info, number string) string {
	for _, m := range mounts {
		if fmt.Sprintf("%d:%d", m.Major, m.Minor) == number {
			return m.Mountpoint
		}
	}
	return ""
}

// signature is where a filesystem says what it is and what it is called.
type signature struct {
	kind     string
	at       int
	magic    string
	labelAt  int // 0 if it has none, or one that is not kept there
	labelLen int
}

func signatures() []signature {
	return []signature{
		{"crypto_LUKS", 0, "LUKS\xba\xbe", 24, 48},
		{"xfs", 0, "XFSB", 108, 12},
		{"squashfs", 0, "hsqs", 0, 0},
		{"ext", 0x438, "\x53\xef", 0x478, 16},
		{"f2fs", 0x400, "\x10\x20\xf5\xf2", 0, 0},
		{"erofs", 0x400, "\xe2\xe1\xf5\xe0", 0, 0},
		{"swap", 4086, "SWAPSPACE2", 1052, 16},
		{"btrfs", 0x10040, "_BHRfS_M", 0x1012b, 256},
		{"iso9660", 0x8001, "CD001", 0x8028, 32},
		{"LVM2_member", 0x218, "LVM2 001", 0, 0},
		{"vfat", 82, "FAT32   ", 71, 11},
		{"vfat", 54, "FAT1", 43, 11},
		{"exfat", 3, "EXFAT   ", 0, 0},
		{"ntfs", 3, "NTFS    ", 0, 0},
	}
}

// probe reads what is on a device; nothing it knows, or nothing it may read, is "".
func probe(path string) (kind, label string) {
	f, err := os.Open(path)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	start := make([]byte, 0x10300)
	n, err := io.ReadFull(f, start)
	if n == 0 && err != nil {
		return "", ""
	}
	return identify(start)
}

func identify(start []byte) (kind, label string) {
	for _, s := range signatures() {
		if !bytes.HasPrefix(start[s.at:], []byte(s.magic)) {
			continue
		}
		if s.kind == "ext" {
			s.kind = extKind(start[0x400:])
		}
		text, _, _ := strings.Cut(string(start[s.labelAt:s.labelAt+s.labelLen]), "\x00")
		if s.kind == "crypto_LUKS" && start[7] != 2 {
			text = "" // the first version has none
		}
		text = strings.Map(printableRune, strings.TrimRight(text, " "))
		if s.kind == "vfat" && text == "NO NAME" {
			text = ""
		}
		return s.kind, text
	}
	return "", ""
}

// printableRune keeps what a disk says from reprogramming the terminal.
func printableRune(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}

// extKind tells ext2, 3 and 4 apart by the features in the superblock, as
// Documentation/filesystems/ext4/super.rst of the kernel lists them.
func extKind(superblock []byte) string {
	const (
		journal = 0x4                 // compat: has_journal
		newer   = 0x40 | 0x80 | 0x200 // incompat: extents, 64bit, flex_bg
	)
	compat := binary.LittleEndian.Uint32(superblock[0x5c:])
	incompat := binary.LittleEndian.Uint32(superblock[0x60:])
	switch {
	case incompat&newer != 0:
		return "ext4"
	case compat&journal != 0:
		return "ext3"
	}
	return "ext2"
}
