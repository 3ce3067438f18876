package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

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
	except = slices.Concat(notDevices, except)
	follower, events, err := followDevices(dev, except)
	if err != nil {
		return "", err
	}
	b.devices = follower
	if err = copyDevices("/dev", dev, except); err == nil {
		err = linkDevices(dev)
	}
	go follower.run(events)
	return dev, err
}

// MakeDevice adds a device to a folder that MakeDev made, under a name below it.
func MakeDevice(dev, name string, d specs.LinuxDevice) error {
	name = filepath.Join(dev, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	kind := uint32(unix.S_IFCHR)
	if d.Type == "b" {
		kind = unix.S_IFBLK
	}
	err := unix.Mknod(name, kind|uint32(*d.FileMode), int(unix.Mkdev(uint32(d.Major), uint32(d.Minor))))
	if err == unix.EEXIST {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mknod %s: %w", name, err)
	}
	if err := os.Lchown(name, int(*d.UID), int(*d.GID)); err != nil {
		return err
	}
	return unix.Chmod(name, uint32(*d.FileMode)) // whatever the umask
}

// copyDevices makes the device nodes of one folder, and those below, in another.
func copyDevices(from, to string, except []string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		source, target := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case slices.Contains(except, e.Name()):
		case e.IsDir():
			if err := os.Mkdir(target, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			if err := copyDevices(source, target, nil); err != nil {
				return err
			}
		case e.Type()&fs.ModeDevice != 0:
			if err := copyDevice(source, target); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyDevice(from, to string) error {
	var st unix.Stat_t
	if err := unix.Lstat(from, &st); err != nil {
		// what was there a moment ago may have been unplugged
		return nil
	}
	if err := unix.Mknod(to, st.Mode, int(st.Rdev)); err == unix.EEXIST {
		return nil
	} else if err != nil {
		return fmt.Errorf("mknod %s: %w", to, err)
	}
	if st.Uid != 0 || st.Gid != 0 {
		if err := os.Lchown(to, int(st.Uid), int(st.Gid)); err != nil {
			return err
		}
	}
	// what the umask may have taken away
	if st.Mode&0o077 != 0 {
		return unix.Chmod(to, st.Mode&0o7777)
	}
	return nil
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
