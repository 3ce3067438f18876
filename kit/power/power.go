// Package power ends the machine, also one on which something hangs. PID 1 uses it, which
// stays small: it imports nothing but the standard library's smallest packages.
package power

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"bootrc/kit/within"
)

const (
	// storeLimit is how long disks and servers may take to store what was written. One
	// that has died would keep the machine from going off for ever.
	storeLimit = 2 * time.Minute

	// kernelLimit is how long the kernel may take for the machine's end: its drivers
	// bring devices to rest, which takes some of them minutes.
	kernelLimit = 5 * time.Minute
)

// End stores what was written and ends the machine, how being a command of reboot(2). What
// cannot be stored is said and lost. A kernel that hangs in reboot(2) is told to reset the machine
// at once: it starts again then, rather than to stay where nobody can reach it. End returns
// only with an error.
func End(how uint32, say func(string)) error {
	if within.Do(context.Background(), storeLimit, sync) != nil {
		say(fmt.Sprintf("what was written is not on its disk after %s: ending the machine without it", storeLimit))
	}
	stuck := time.AfterFunc(kernelLimit, reset)
	defer stuck.Stop()
	if err := syscall.Reboot(int(int32(how))); err != nil {
		return fmt.Errorf("reboot(2): %w", err)
	}
	return nil
}

func sync() error {
	syscall.Sync()
	return nil
}

// reset resets the machine at once, as the key "b" does (the kernel's sysrq.rst).
func reset() {
	os.WriteFile("/proc/sysrq-trigger", []byte("b"), 0)
}
