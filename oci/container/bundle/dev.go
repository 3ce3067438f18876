package container

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// notDevices are the folders in /dev that a container mounts for itself, and the
// console, whose place is for the container's own.
var notDevices = []string{"pts", "shm", "mqueue", "console"}

// addHostDevices gives a container every device of the machine, as --privileged
// does. The container's /dev is made here and bound into it: libcontainer asks
// some twenty questions for each device node, and there are a hundred.
func (b *bundle) addHostDevices(spec *specs.Spec, o Options) error {
	spec.Linux.Resources.Devices = []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}
	usual := slices.IndexFunc(spec.Mounts, func(m specs.Mount) bool { return m.Destination == "/dev" && m.Type == "tmpfs" })
	if usual < 0 {
		return nil // a /dev of the user's
	}
	dev := b.dev()
	if err := os.Mkdir(dev, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", dev, "tmpfs", unix.MS_NOSUID|unix.MS_STRICTATIME, "mode=755,size=65536k"); err != nil {
		return fmt.Errorf("mount -t tmpfs tmpfs %s: %w", dev, err)
	}
	except := notDevices
	if o.Systemd.runs(spec.Process.Args) {
		except = slices.Concat(except, virtualConsoles())
	}
	if err := copyDevices("/dev", dev, except); err != nil {
		return err
	}
	if err := linkDevices(dev); err != nil {
		return err
	}
	spec.Mounts[usual] = specs.Mount{Destination: "/dev", Type: "bind", Source: dev, Options: []string{"bind", "rprivate", "nosuid"}}
	return b.addNamedDevices(o.Devices)
}

// addNamedDevices adds those of the machine's devices that shall have another
// name.
func (b *bundle) addNamedDevices(wanted []Device) error {
	for _, d := range wanted {
		nodes, err := d.nodes()
		if err != nil {
			return fmt.Errorf("--device %s: %w", d.Source, err)
		}
		for _, node := range nodes {
			name, inDev := strings.CutPrefix(node.Path, "/dev/")
			if !inDev {
				return fmt.Errorf("--device %s: with --privileged, %s must be in /dev", d.Source, node.Path)
			}
			if err := makeDevice(filepath.Join(b.dev(), name), node); err != nil {
				return err
			}
		}
	}
	return nil
}

func makeDevice(name string, d specs.LinuxDevice) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	kind := uint32(unix.S_IFCHR)
	if d.Type == "b" {
		kind = unix.S_IFBLK
	}
	err := unix.Mknod(name, kind|uint32(*d.FileMode), int(unix.Mkdev(uint32(d.Major), uint32(d.Minor))))
	if err != nil && err != unix.EEXIST {
		return fmt.Errorf("mknod %s: %w", name, err)
	}
	return os.Lchown(name, int(*d.UID), int(*d.GID))
}

func (b *bundle) dev() string { return filepath.Join(b.folder, "dev") }

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
			if err := os.Mkdir(target, 0o755); err != nil {
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
	if err := unix.Mknod(to, st.Mode, int(st.Rdev)); err != nil {
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
