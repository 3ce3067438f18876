package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bootrc/kit/command"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

func umount(ctx context.Context, c *call) error {
	o := newOptions()
	all, lazy, force, recurse := o.flag("a", "all"), o.flag("l", "lazy"), o.flag("f", "force"), o.flag("R", "recursive")
	operands, err := o.parse(c.Args, 0, -1)
	if err != nil {
		return err
	}
	if *all == (len(operands) > 0) {
		return command.Usagef("name what to unmount, or give -a alone")
	}
	flags := 0
	if *lazy {
		flags |= unix.MNT_DETACH
	}
	if *force {
		flags |= unix.MNT_FORCE
	}
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return err
	}
	slices.Reverse(mounts) // what was mounted last goes first
	if *all {
		return c.each(ctx, removable(mounts), func(dir string) error { return unmount(dir, flags) })
	}
	return c.each(ctx, operands, func(operand string) error {
		dirs, err := mountedOn(c, mounts, operand, *recurse)
		if err != nil {
			return err
		}
		return c.each(ctx, dirs, func(dir string) error { return unmount(dir, flags) })
	})
}

func unmount(dir string, flags int) error {
	err := unix.Unmount(dir, flags|unix.UMOUNT_NOFOLLOW)
	switch {
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%s is not mounted", dir)
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("%s is in use: end what uses it, or give -l", dir)
	case err != nil:
		return fmt.Errorf("unmount %s: %w", dir, err)
	}
	return nil
}

// removable is what -a unmounts: all but the root and what the system itself
// needs until its end, as umount(8) has it.
func removable(mounts []*mountinfo.Info) []string {
	var dirs []string
	for _, m := range mounts {
		switch m.FSType {
		case "proc", "sysfs", "devtmpfs", "devpts", "rootfs":
			continue
		}
		if m.Mountpoint != "/" && !below(m.Mountpoint, "/dev") {
			dirs = append(dirs, m.Mountpoint)
		}
	}
	return dirs
}

// mountedOn is the folders that an operand stands for: itself, what is mounted
// below it too, or where the device of that name is mounted last.
func mountedOn(c *call, mounts []*mountinfo.Info, operand string, recurse bool) ([]string, error) {
	path := c.Path(operand)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	} else if errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeDevice != 0 {
		at := slices.IndexFunc(mounts, func(m *mountinfo.Info) bool { return m.Source == path })
		if at < 0 {
			return nil, fmt.Errorf("%s is not mounted", operand)
		}
		path = mounts[at].Mountpoint
	}
	if !recurse {
		return []string{path}, nil
	}
	var dirs []string
	for _, m := range mounts {
		if below(m.Mountpoint, path) {
			dirs = append(dirs, m.Mountpoint)
		}
	}
	if !slices.Contains(dirs, path) {
		return nil, fmt.Errorf("%s is not mounted", operand)
	}
	return dirs, nil
}

func mountpoint(_ context.Context, c *call) error {
	o := newOptions()
	quiet := o.flag("q", "quiet")
	operands, err := o.parse(c.Args, 1, 1)
	if err != nil {
		return err
	}
	mounted, err := mountinfo.Mounted(c.Path(operands[0]))
	switch {
	case err != nil && *quiet:
		return command.Status(1)
	case err != nil:
		return err
	case mounted && !*quiet:
		c.Printf("%s is a mountpoint\n", operands[0])
	case !mounted && !*quiet:
		c.Printf("%s is not a mountpoint\n", operands[0])
	}
	if !mounted {
		return command.Status(32) // as mountpoint(1) has it
	}
	return nil
}
