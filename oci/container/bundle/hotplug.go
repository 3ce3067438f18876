package bundle

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/device"
	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// hotplug makes and removes in a container's /dev what appears and goes in the machine's, until the
// container's end: disks that are plugged in, partitions, loop devices.
type hotplug struct {
	dev    string
	except []string
	stop   context.CancelFunc
	ended  chan struct{}
}

// followDevices begins to listen: what happens from now on is not lost.
func followDevices(dev string, except []string) (*hotplug, <-chan device.Event, error) {
	ctx, stop := context.WithCancel(context.Background())
	events, err := device.Listen(ctx)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return &hotplug{dev, except, stop, make(chan struct{})}, events, nil
}

// run follows the events until the end.
func (h *hotplug) run(events <-chan device.Event) {
	defer close(h.ended)
	for e := range events {
		name := e.Get("DEVNAME")
		switch {
		case e.Action == device.Lost:
			copyDevices("/dev", h.dev, h.except)
		case name == "" || !filepath.IsLocal(name) || h.excepts(name):
		case e.Action == "add":
			h.add(name)
		case e.Action == "remove":
			h.remove(name)
		}
	}
}

func (h *hotplug) excepts(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains(h.except, top)
}

// add makes a node as the machine's is. A container may have changed its /dev meanwhile: what
// it put into a node's place stays, and its links lead nowhere outside.
func (h *hotplug) add(name string) {
	var st unix.Stat_t
	if unix.Lstat(filepath.Join("/dev", name), &st) != nil || !isDevice(st) {
		return
	}
	h.in(name, func(folder int, base string) {
		if unix.Mknodat(folder, base, st.Mode, int(st.Rdev)) == nil {
			unix.Fchmodat(folder, base, st.Mode&0o7777, 0) // whatever the umask
			unix.Fchownat(folder, base, int(st.Uid), int(st.Gid), unix.AT_SYMLINK_NOFOLLOW)
		}
	})
}

// remove removes a node that is still a device's.
func (h *hotplug) remove(name string) {
	h.in(name, func(folder int, base string) {
		var st unix.Stat_t
		if unix.Fstatat(folder, base, &st, unix.AT_SYMLINK_NOFOLLOW) == nil && isDevice(st) {
			unix.Unlinkat(folder, base, 0)
		}
	})
}

func (h *hotplug) in(name string, do func(folder int, base string)) {
	root, err := inside.Open(h.dev)
	if err != nil {
		return
	}
	defer root.Close()
	folder, err := root.MakeFolder(path.Dir("/"+name), 0o755)
	if err != nil {
		return
	}
	defer folder.Close()
	do(int(folder.Fd()), path.Base(name))
}

func isDevice(st unix.Stat_t) bool {
	kind := st.Mode & unix.S_IFMT
	return kind == unix.S_IFCHR || kind == unix.S_IFBLK
}
