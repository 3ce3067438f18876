package console

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Uptime is the time since the kernel started.
func Uptime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// seconds prints an uptime as /proc/uptime does.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%d.%02d", d/time.Second, d%time.Second/(10*time.Millisecond))
}
