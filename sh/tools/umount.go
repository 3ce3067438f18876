package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/within"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

func umountCommand() command.Command {
	return command.Command{
		Name: "umount", Summary: "unmount filesystems", Operands: "[FOLDER|SOURCE…]", Forms: []string{"[-flR] [--timeout=SECONDS] FOLDER|SOURCE…", "-a [-fl] [--timeout=SECONDS]"},
		Options: []command.Option{
			{Names: "-a, --all", Help: "unmount all but /, /proc, /sys and what is in /dev"},
			{Names: "-l, --lazy", Help: "take them away now, and unmount when nobody uses them"},
			{Names: "-f, --force", Help: "do not wait for the server of a network filesystem"},
			{Names: "-R, --recursive", Help: "unmount what is mounted below, too"},
			{Names: "--timeout", Value: "SECONDS", Kind: command.Seconds, Help: "go on after so long where the server of a network filesystem does not answer"},
		},
		Run: tool(umount),
	}
}

func umount(ctx context.Context, c *call) error {
	all := c.Flag("all")
	if all == (len(c.Args) > 0) {
		return command.Usagef("expected what to unmount, or -a alone")
	}
	flags := 0
	if c.Flag("lazy") {
		flags |= unix.MNT_DETACH
	}
	if c.Flag("force") {
		flags |= unix.MNT_FORCE
	}
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return err
	}
	slices.Reverse(mounts) // what was mounted last goes first
	one := func(dir string) error { return unmount(dir, flags) }
	if limit := c.Seconds("timeout"); limit > 0 {
		one = func(dir string) error { return unmountWithin(ctx, limit, mounts, dir, flags) }
	}
	if all {
		return c.each(ctx, removable(mounts), one)
	}
	return c.each(ctx, c.Args, func(operand string) error {
		dirs, err := mountedOn(c, mounts, operand, c.Flag("recursive"))
		if err != nil {
			return err
		}
		return c.each(ctx, dirs, one)
	})
}

// unmountWithin leaves what does not end behind: the kernel takes a mount away before it
// waits for the server, so that what is below can be unmounted. What is on a disk takes the time that it takes.
func unmountWithin(ctx context.Context, limit time.Duration, mounts []*mountinfo.Info, dir string, flags int) error {
	at := slices.IndexFunc(mounts, func(m *mountinfo.Info) bool { return m.Mountpoint == dir })
	if at < 0 || !hasServer(mounts[at].FSType) {
		return unmount(dir, flags)
	}
	err := within.Do(ctx, limit, func() error { return unmount(dir, flags) })
	if errors.Is(err, within.ErrLate) {
		return fmt.Errorf("unmount %s: %s does not answer within %s", dir, mounts[at].Source, limit)
	}
	return err
}

// hasServer tells whether what is mounted is on another machine.
func hasServer(kind string) bool {
	return strings.HasPrefix(kind, "nfs") || slices.Contains([]string{"cifs", "smb3", "9p", "ceph"}, kind)
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
	isPoint := func(m *mountinfo.Info) bool { return m.Mountpoint == path }
	if slices.ContainsFunc(mounts, isPoint) {
		return pointsBelow(mounts, path, recurse), nil // no look at it: its server may be away
	}
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
	if recurse && !slices.ContainsFunc(mounts, isPoint) {
		return nil, fmt.Errorf("%s is not mounted", operand)
	}
	return pointsBelow(mounts, path, recurse), nil
}

// pointsBelow is a mount point and, where they are wanted, those below.
func pointsBelow(mounts []*mountinfo.Info, path string, recurse bool) []string {
	if !recurse {
		return []string{path}
	}
	var dirs []string
	for _, m := range mounts {
		if below(m.Mountpoint, path) {
			dirs = append(dirs, m.Mountpoint)
		}
	}
	return dirs
}

func mountpoint(_ context.Context, c *call) error {
	folder, quiet := c.Args[0], c.Flag("quiet")
	mounted, err := mountinfo.Mounted(c.Path(folder))
	switch {
	case err != nil && quiet:
		return command.Status(1)
	case err != nil:
		return err
	case mounted && !quiet:
		c.Printf("%s is a mountpoint\n", folder)
	case !mounted && !quiet:
		c.Printf("%s is not a mountpoint\n", folder)
	}
	if !mounted {
		return command.Status(32) // as mountpoint(1) has it
	}
	return nil
}
