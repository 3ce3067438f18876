// Package rootfs makes the file system that the boot and its containers stand
// on: what is mounted, and the links and settings that belong to it.
package rootfs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootrc/kit/mount"

	"golang.org/x/sys/unix"
)

// Mount is one early mount.
type Mount struct {
	Type    string
	Target  string
	Options string // as mount -o has them

	// Optional mounts are left out without a word where the kernel or its
	// configuration does not have the file system or its mount point.
	Optional bool
}

// String is the mount command that a person would type.
func (m Mount) String() string {
	return fmt.Sprintf("mount -t %s -o %s %s %s", m.Type, m.Options, m.Type, m.Target)
}

const private = "nosuid,nodev,noexec"

// Essential is what the boot needs before it can read its command line or say a
// word on the console.
var Essential = []Mount{
	{Type: "proc", Target: "/proc", Options: private},
	{Type: "sysfs", Target: "/sys", Options: private},
	{Type: "devtmpfs", Target: "/dev", Options: "nosuid,mode=0755"},
}

// Early is what hooks and containers expect to find beside Essential.
var Early = []Mount{
	{Type: "devpts", Target: "/dev/pts", Options: "nosuid,noexec,gid=5,mode=0620,ptmxmode=0666"},
	{Type: "tmpfs", Target: "/dev/shm", Options: "nosuid,nodev,mode=1777"},
	{Type: "mqueue", Target: "/dev/mqueue", Options: private, Optional: true},
	{Type: "tmpfs", Target: "/run", Options: "nosuid,nodev,mode=0755"},
	{Type: "tmpfs", Target: "/tmp", Options: "nosuid,nodev,mode=1777"},
	{Type: "pstore", Target: "/sys/fs/pstore", Options: private, Optional: true},
	{Type: "cgroup2", Target: "/sys/fs/cgroup", Options: private + ",nsdelegate"},
	{Type: "bpf", Target: "/sys/fs/bpf", Options: private + ",mode=0700", Optional: true},
	{Type: "debugfs", Target: "/sys/kernel/debug", Options: private + ",mode=0700", Optional: true},
}

// MountAll mounts each of mounts that is not there yet. It goes on after a
// failure, and returns all of them.
func MountAll(mounts []Mount) error {
	var failed []error
	for _, m := range mounts {
		if err := m.mount(); err != nil {
			failed = append(failed, fmt.Errorf("%v: %w", m, err))
		}
	}
	return errors.Join(failed...)
}

func (m Mount) mount() error {
	if !m.underVirtual() {
		if err := os.MkdirAll(m.Target, 0o755); err != nil {
			return err
		}
	}
	if mounted, err := IsMountPoint(m.Target); err == nil && mounted {
		return nil
	}
	err := mount.Parse(m.Options).Mount(m.Type, m.Target, m.Type)
	if m.Optional && (errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENOENT)) {
		return nil
	}
	return err
}

// underVirtual tells whether the mount point is made by the kernel, not by us.
func (m Mount) underVirtual() bool {
	return strings.HasPrefix(m.Target, "/sys/")
}

// IsMountPoint tells whether something is mounted on path. It asks statx(2), because a folder that is bound over itself has
// the same device number as its parent.
func IsMountPoint(path string) (bool, error) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, 0, &st); err != nil {
		return false, err
	}
	return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
}
