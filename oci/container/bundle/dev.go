package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"bootrc/kit/inside"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// notDevices are the folders in /dev that a container mounts for itself, and the
// console, whose place is for the container's own.
var notDevices = []string{"pts", "shm", "mqueue", "console"}

// MakeDev makes the folder for a container's /dev, with the devices that the machine
// has or gets, except those of these names, and returns its path. It is made here and bound
// into the container, because libcontainer asks some twenty questions for each
// device node, and there are a hundred.
func (b *Bundle) MakeDev(except []string) (string, error) {
	dev, err := b.MakeMemory("dev", "mode=755,size=65536k")
	if err != nil {
		return "", err
	}
	open, err := inside.Open(dev)
	if err != nil {
		return "", err
	}
	except = slices.Concat(notDevices, except)
	follower, events, err := followDevices(open, except)
	if err != nil {
		open.Close()
		return "", err
	}
	b.devices = follower
	if err = copyDevices("/dev", open, except); err == nil {
		err = linkDevices(dev)
	}
	go follower.run(events)
	return dev, err
}

// MakeDevice adds a device to a folder that MakeDev made, under a name below it.
func MakeDevice(dev, name string, d specs.LinuxDevice) error {
	open, err := inside.Open(dev)
	if err != nil {
		return err
	}
	defer open.Close()
	kind := uint32(unix.S_IFCHR)
	if d.Type == "b" {
		kind = unix.S_IFBLK
	}
	like := unix.Stat_t{Mode: kind | uint32(*d.FileMode), Rdev: unix.Mkdev(uint32(d.Major), uint32(d.Minor)), Uid: *d.UID, Gid: *d.GID}
	return makeNode(open, name, &like)
}

// copyDevices makes the folders and device nodes that are below a folder of the machine's in a
// container's /dev, except those of these names.
func copyDevices(from string, dev *inside.Folder, except []string) error {
	return filepath.WalkDir(from, func(file string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(from, file)
		switch {
		case errors.Is(err, fs.ErrNotExist): // what was there a moment ago may have been unplugged
			return nil
		case err != nil:
			return err
		case slices.Contains(except, name) && e.IsDir():
			return fs.SkipDir
		case slices.Contains(except, name):
			return nil
		case e.IsDir():
			folder, err := dev.MakeFolder(name, 0o755)
			if err == nil {
				folder.Close()
			}
			return err
		}
		return copyDevice(file, dev, name)
	})
}

// copyDevice makes a node as the machine's is, if that is a device still.
func copyDevice(from string, dev *inside.Folder, name string) error {
	var st unix.Stat_t
	if unix.Lstat(from, &st) != nil || !isDevice(&st) {
		return nil
	}
	return makeNode(dev, name, &st)
}

// makeNode makes a device node below a container's /dev, with the folders above it. The container may
// change them meanwhile: what it puts into a node's place stays, and its links lead nowhere outside.
func makeNode(dev *inside.Folder, name string, like *unix.Stat_t) error {
	folder, err := dev.MakeFolder(path.Dir("/"+name), 0o755)
	if err != nil {
		return err
	}
	defer folder.Close()
	in, base := int(folder.Fd()), path.Base(name)
	if err := unix.Mknodat(in, base, like.Mode, int(like.Rdev)); err == unix.EEXIST {
		return nil
	} else if err != nil {
		return fmt.Errorf("mknod /dev/%s: %w", name, err)
	}
	node, err := unix.Openat(in, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/%s: %w", name, err)
	}
	defer unix.Close(node)
	var st unix.Stat_t
	if err := unix.Fstat(node, &st); err != nil || !isDevice(&st) {
		return err
	}
	if err := unix.Fchownat(node, "", int(like.Uid), int(like.Gid), unix.AT_EMPTY_PATH); err != nil {
		return fmt.Errorf("chown /dev/%s: %w", name, err)
	}
	return unix.Chmod(inside.ProcPath(node), like.Mode&0o7777) // whatever the umask
}

// linkDevices makes the links that the OCI runtime-spec's config-linux.md asks
// for under "Dev symbolic links".
func linkDevices(dev string) error {
	for _, l := range []struct{ name, target string }{
		{"fd", "/proc/self/fd"},
		{"stdin", "/proc/self/fd/0"},
		{"stdout", "/proc/self/fd/1"},
		{"stderr", "/proc/self/fd/2"},
		{"core", "/proc/kcore"},
		{"ptmx", "pts/ptmx"},
	} {
		if _, err := os.Lstat(l.target); l.name == "core" && err != nil {
			continue // this kernel has none
		}
		link := filepath.Join(dev, l.name)
		// the machine's own, as /dev/ptmx is a device there
		if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
			return err
		}
		if err := os.Symlink(l.target, link); err != nil {
			return err
		}
	}
	return nil
}
