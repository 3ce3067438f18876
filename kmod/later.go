package kmod

import (
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// comforts are the folders below kernel/ of drivers that no phase of a boot waits for:
// they are for sound, pictures, sensors, speed. What a disk or a network needs of them
// loads with that.
var comforts = []string{
	"arch",
	"crypto",
	"drivers/accel",
	"drivers/acpi",
	"drivers/bluetooth",
	"drivers/cdrom",
	"drivers/char",
	"drivers/comedi",
	"drivers/cpufreq",
	"drivers/crypto",
	"drivers/dca",
	"drivers/edac",
	"drivers/gpu",
	"drivers/hid",
	"drivers/hwmon",
	"drivers/hwtracing",
	"drivers/iio",
	"drivers/infiniband",
	"drivers/input",
	"drivers/leds",
	"drivers/media",
	"drivers/misc/mei",
	"drivers/mtd",
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
	"drivers/thermal",
	"drivers/uio",
	"drivers/usb/class",
	"drivers/usb/serial",
	"drivers/vfio",
	"drivers/video",
	"drivers/virt",
	"drivers/w1",
	"drivers/watchdog",
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
