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
	dev    *inside.Folder
	except []string
	stop   context.CancelFunc
	ended  chan struct{}
}

// followDevices begins to listen: what happens from now on is not lost.
func followDevices(dev *inside.Folder, except []string) (*hotplug, <-chan device.Event, error) {
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
	defer h.dev.Close()
	for e := range events {
		name := e.Get("DEVNAME")
		switch {
		case e.Action == device.Lost:
			copyDevices("/dev", h.dev, h.except)
		case name == "" || !filepath.IsLocal(name) || h.excepts(name):
		case e.Action == "add":
			copyDevice(filepath.Join("/dev", name), h.dev, name)
		case e.Action == "remove":
			h.remove(name)
		}
	}
}

func (h *hotplug) excepts(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains(h.except, top)
}

// remove removes a node that is still a device's.
func (h *hotplug) remove(name string) {
	folder, err := h.dev.OpenFile(path.Dir("/"+name), unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return
	}
	defer folder.Close()
	var st unix.Stat_t
	if unix.Fstatat(int(folder.Fd()), path.Base(name), &st, unix.AT_SYMLINK_NOFOLLOW) == nil && isDevice(&st) {
		unix.Unlinkat(int(folder.Fd()), path.Base(name), 0)
	}
}

func isDevice(st *unix.Stat_t) bool {
	kind := st.Mode & unix.S_IFMT
	return kind == unix.S_IFCHR || kind == unix.S_IFBLK
}
