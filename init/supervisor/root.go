package supervisor

import (
	"fmt"
	"os"
	"syscall"
)

// mountRootOverItself makes / a mount that pivot_root(2) accepts: the kernel's
// own root file system is not one, and containers that must do without
// pivot_root can escape. Nothing is copied.
func mountRootOverItself() error {
	const place = "/.root"
	if err := os.Mkdir(place, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("/", place, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount --bind / %s: %w", place, err)
	}
	if err := os.Chdir(place); err != nil {
		return err
	}
	if err := syscall.Mount(".", "/", "", syscall.MS_MOVE, ""); err != nil {
		return fmt.Errorf("mount --move %s /: %w", place, err)
	}
	if err := syscall.Chroot("."); err != nil {
		return fmt.Errorf("chroot %s: %w", place, err)
	}
	return os.Remove(place)
}

// mountProc makes this program and the command line readable.
func mountProc() error {
	os.Mkdir("/proc", 0o555)
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount -t proc proc /proc: %w", err)
	}
	return nil
}
