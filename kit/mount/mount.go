package mount

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootrc/kit/kconfig"

	"golang.org/x/sys/unix"
)

// Mount mounts source on the folder target. Its errors name neither, and say what the
// kernel's word for a failure may mean.
func (o Options) Mount(source, target, kind string) error {
	if err := unix.Mount(source, target, kind, o.Flags, strings.Join(o.Data, ",")); err != nil {
		return explain(err, target, kind)
	}
	// the kernel heeds ro, nosuid and the like of a bind only when it is mounted anew
	const heeded = unix.MS_BIND | unix.MS_REC | unix.MS_SILENT
	if o.Flags&unix.MS_BIND != 0 && o.Flags&unix.MS_REMOUNT == 0 && o.Flags&^heeded != 0 {
		if err := unix.Mount("", target, "", o.Flags&^unix.MS_REC|unix.MS_REMOUNT, ""); err != nil {
			unix.Unmount(target, unix.MNT_DETACH)
			return explain(err, target, kind)
		}
	}
	return o.Propagate(target)
}

// Propagate sets how mounts propagate to and from the one on target, if an option says so.
func (o Options) Propagate(target string) error {
	if o.Propagation == 0 {
		return nil
	}
	if err := unix.Mount("", target, "", o.Propagation, ""); err != nil {
		return fmt.Errorf("change its propagation: %w", err)
	}
	return nil
}

// explained is an error of mount(2) in words that say more than its own.
type explained struct {
	text string
	error
}

func (e explained) Error() string { return e.text }
func (e explained) Unwrap() error { return e.error }

func explain(err error, target, kind string) error {
	switch {
	case errors.Is(err, unix.ENODEV):
		return explained{kconfig.Filesystem(kind).Error(), err}
	case errors.Is(err, unix.ENOENT):
		if _, missing := os.Stat(target); missing != nil {
			return explained{"there is no folder " + target + ": mkdir -p makes it", err}
		}
		if kind == "" || kind == "overlay" {
			return explained{"a folder that is to be mounted is not there", err}
		}
		return explained{"the source is not there: `lsblk` lists the disks", err}
	case errors.Is(err, unix.ENOTBLK):
		return explained{"the source is not a block device", err}
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EUCLEAN):
		return explained{"wrong type, bad option, or a filesystem that is damaged or too new (`dmesg` may say more)", err}
	}
	return err
}
