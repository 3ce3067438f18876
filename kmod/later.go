package kmod

import (
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// comforts are the folders below kernel/ of what no phase of a boot waits for: drivers for sound,
// pictures, sensors, speed, and rare file systems and protocols. What a disk or a network needs
// of them loads with that.
var comforts = []string{
	"arch",
	"crypto",
	"drivers/accel",
	"drivers/acpi",
	"drivers/atm",
	"drivers/block/floppy",
	"drivers/bluetooth",
	"drivers/cdrom",
	"drivers/char",
	"drivers/comedi",
	"drivers/cpufreq",
	"drivers/crypto",
	"drivers/dca",
	"drivers/edac",
	"drivers/firewire",
	"drivers/gnss",
	"drivers/firmware/qemu_fw_cfg",
	"drivers/gpu",
	"drivers/hid",
	"drivers/i2c/busses/i2c_i801",
	"drivers/i2c/busses/i2c_piix4",
	"drivers/hwmon",
	"drivers/hwtracing",
	"drivers/iio",
	"drivers/infiniband",
	"drivers/input",
	"drivers/isdn",
	"drivers/leds",
	"drivers/media",
	"drivers/misc/mei",
	"drivers/mtd",
	"drivers/net/arcnet",
	"drivers/net/can",
	"drivers/net/hamradio",
	"drivers/net/ieee802154",
	"drivers/net/wan",
	"drivers/net/wireless",
	"drivers/net/wwan",
	"drivers/parport",
	"drivers/perf",
	"drivers/platform",
	"drivers/power/supply",
	"drivers/powercap",
	"drivers/ptp",
	"drivers/rtc",
	"drivers/scsi/sg",
	"drivers/scsi/sr_mod",
	"drivers/scsi/st",
	"drivers/soundwire",
	"drivers/staging",
	"drivers/target",
	"drivers/thermal",
	"drivers/uio",
	"drivers/usb/class",
	"drivers/usb/gadget",
	"drivers/usb/serial",
	"drivers/vfio",
	"drivers/video",
	"drivers/virt",
	"drivers/w1",
	"drivers/watchdog",
	"fs/adfs",
	"fs/affs",
	"fs/afs",
	"fs/bcachefs",
	"fs/befs",
	"fs/bfs",
	"fs/ceph",
	"fs/coda",
	"fs/dlm",
	"fs/ecryptfs",
	"fs/efs",
	"fs/f2fs",
	"fs/freevxfs",
	"fs/gfs2",
	"fs/hfs",
	"fs/hfsplus",
	"fs/hpfs",
	"fs/jffs2",
	"fs/jfs",
	"fs/minix",
	"fs/nilfs2",
	"fs/ntfs3",
	"fs/ocfs2",
	"fs/omfs",
	"fs/orangefs",
	"fs/qnx4",
	"fs/qnx6",
	"fs/reiserfs",
	"fs/romfs",
	"fs/sysv",
	"fs/ubifs",
	"fs/ufs",
	"fs/zonefs",
	"net/6lowpan",
	"net/appletalk",
	"net/atm",
	"net/ax25",
	"net/batman-adv",
	"net/bluetooth",
	"net/can",
	"net/ceph",
	"net/dccp",
	"net/hsr",
	"net/ieee802154",
	"net/kcm",
	"net/l2tp",
	"net/mac80211",
	"net/mac802154",
	"net/mctp",
	"net/mpls",
	"net/netrom",
	"net/nfc",
	"net/openvswitch",
	"net/phonet",
	"net/qrtr",
	"net/rds",
	"net/rose",
	"net/rxrpc",
	"net/sched",
	"net/sctp",
	"net/smc",
	"net/tipc",
	"net/wireless",
	"net/x25",
	"sound",
}

// later tells whether a driver may wait until those are loaded that may not.
func (t *Tree) later(module string) bool {
	file, _, _ := t.needs(module)
	return Comfort(file)
}

// Comfort tells whether a driver is one that no phase of a boot waits for, by its file,
// such as kernel/sound/soundcore.ko.
func Comfort(file string) bool {
	file = strings.TrimPrefix(file, "kernel/")
	for folder := path.Join(path.Dir(file), FileModule(file)); folder != "."; folder = path.Dir(folder) {
		if slices.Contains(comforts, folder) {
			return true
		}
	}
	return false
}

// yieldThread makes the calling goroutine one that gets a processor when nobody else
// wants it (SCHED_IDLE of sched(7)). Its thread ends with it.
func yieldThread() {
	runtime.LockOSThread()
	unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0)
}
