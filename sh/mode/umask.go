package mode

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Umask returns the process's mask without setting it, as far as the kernel allows.
func Umask() uint32 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "\nUmask:")
		line, _, _ := strings.Cut(rest, "\n")
		if mask, err := strconv.ParseUint(strings.TrimSpace(line), 8, 32); err == nil {
			return uint32(mask)
		}
	}
	mask := unix.Umask(0o077)
	unix.Umask(mask)
	return uint32(mask)
}
