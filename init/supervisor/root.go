package supervisor

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mountRootOverItself makes / a mount that pivot_root(2) accepts: the kernel's
// own root file system is not one, and containers that must do without
// pivot_root can escape. Nothing is copied.
func mountRootOverItself() error {
	const place = "/.root"
	if err := os.Mkdir(place, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("/", place, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount --bind / %s: %w", place, err)
	}
	if err := os.Chdir(place); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("mount --move %s /: %w", place, err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("chroot %s: %w", place, err)
	}
	return os.Remove(place)
}

// mountProc makes this program and the command line readable.
func mountProc() error {
	os.Mkdir("/proc", 0o555)
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount -t proc proc /proc: %w", err)
	}
	return nil
}
