package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// modprobePath holds the program that the kernel starts to load a module
// (Documentation/admin-guide/sysctl/kernel.rst, "modprobe").
const modprobePath = "/proc/sys/kernel/modprobe"

// withoutModprobe does something while the kernel cannot ask for modules.
// Mounting bpf makes it ask for one that hardly any kernel has, and each time it
// asks, this program starts anew: that took longer than all other mounts.
func withoutModprobe(do func() error) error {
	former, err := os.ReadFile(modprobePath)
	if errors.Is(err, fs.ErrNotExist) {
		return do() // a kernel without modules
	}
	if err != nil {
		return errors.Join(err, do())
	}
	if err := os.WriteFile(modprobePath, []byte("\n"), 0); err != nil {
		return errors.Join(err, do())
	}
	err = do()
	if e := os.WriteFile(modprobePath, former, 0); e != nil {
		return errors.Join(err, fmt.Errorf("restoring the kernel's modprobe: %w", e))
	}
	return err
}
