package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/inside"
	"bootrc/kit/mount"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// mountAt lays layers, the lowest first, over each other, below what the container changes: the
// folders upper and work in another one, or nothing where that is "". All are named by their
// descriptors: these are short, because the options of a mount must fit into one page, have no comma
// that would have to be escaped, and a server that has the layers cannot put a link in their place.
//
// Nothing of a container is there after a power cut, so that no sync(2) of it needs to wait
// for the disk.
func (b *Bundle) mountAt(place string, layers []string, changes string) error {
	lower := make([]string, len(layers))
	for i, layer := range layers {
		f, err := openFolder(layer)
		if err != nil {
			return err
		}
		defer f.Close()
		lower[len(layers)-1-i] = inside.ProcPath(int(f.Fd()))
	}
	options, faster := "lowerdir="+strings.Join(lower, ":"), ""
	if changes != "" {
		own, err := openFolder(changes)
		if err != nil {
			return err
		}
		defer own.Close()
		options += fmt.Sprintf(",upperdir=%[1]s/upper,workdir=%[1]s/work", inside.ProcPath(int(own.Fd())))
		faster = volatile
	}
	if len(options)+len(faster) >= os.Getpagesize() {
		return fmt.Errorf("%d layers are more than an overlay mount can take", len(layers))
	}
	overlay := func(options string) error {
		return mount.Options{Data: []string{options}}.Mount("overlay", place, "overlay")
	}
	err := overlay(options + faster)
	if errors.Is(err, unix.EINVAL) && faster != "" { // before Linux 5.10
		err = overlay(options)
	}
	if err != nil {
		err = fmt.Errorf("mount -t overlay overlay %s with %d layers: %w", place, len(layers), err)
		if advice := refusal(b.folder, layers); advice != "" {
			err = fmt.Errorf("%w: %s", err, advice)
		}
		return err
	}
	return nil
}

// volatile is overlayfs's option against syncs.
const volatile = ",volatile"

func openFolder(name string) (*os.File, error) {
	return os.OpenFile(name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
}

// Overlay mounts layers, the lowest first, in a place that goes with the container, and returns its
// path. Where it is writable, what is changed goes with the container, too.
func (b *Bundle) Overlay(layers []string, writable bool) (place string, err error) {
	top, err := openFolder(layers[len(layers)-1])
	if err != nil {
		return "", err
	}
	defer top.Close()
	if len(layers) == 1 && !writable { // which is no overlay
		return b.Bind(top)
	}
	if place, err = os.MkdirTemp(b.folder, "overlay"); err != nil {
		return "", err
	}
	changes := ""
	if writable {
		if changes, err = b.newChanges(top); err != nil {
			return "", err
		}
	}
	return place, b.mountAt(place, layers, changes)
}

// newChanges makes a folder with the folders for what is changed above an overlay, whose top
// belongs to whom that of the uppermost layer does.
func (b *Bundle) newChanges(top *os.File) (string, error) {
	changes, err := os.MkdirTemp(b.folder, "changes")
	if err != nil {
		return "", err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(top.Fd()), &st); err != nil {
		return "", &os.PathError{Op: "stat", Path: top.Name(), Err: err}
	}
	upper, work := filepath.Join(changes, "upper"), filepath.Join(changes, "work")
	return changes, cmp.Or(os.Mkdir(work, 0o700), os.Mkdir(upper, 0o700),
		os.Chown(upper, int(st.Uid), int(st.Gid)), unix.Chmod(upper, st.Mode&0o7777))
}

// refusal says which file systems an overlay did not take, and what would help.
func refusal(upper string, layers []string) string {
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return ""
	}
	var advice []string
	for _, folder := range slices.Concat([]string{upper}, layers) {
		text := adviceFor(mountOf(mounts, folder), folder == upper)
		if text != "" && !slices.Contains(advice, text) {
			advice = append(advice, text)
		}
	}
	return strings.Join(advice, "; ")
}

// mountOf returns the mount that a folder is on: the last one of those that are there.
func mountOf(mounts []*mountinfo.Info, folder string) *mountinfo.Info {
	var st unix.Stat_t
	if unix.Stat(folder, &st) != nil {
		return nil
	}
	var on *mountinfo.Info
	for _, m := range mounts {
		if m.Major == int(unix.Major(st.Dev)) && m.Minor == int(unix.Minor(st.Dev)) {
			on = m
		}
	}
	return on
}

// adviceFor says what overlayfs has against a file system, as far as that is known
// (Documentation/filesystems/overlayfs.rst).
func adviceFor(m *mountinfo.Info, isUpper bool) string {
	if m == nil {
		return ""
	}
	options := strings.Split(m.Options+","+m.VFSOptions, ",")
	switch {
	case slices.Contains(options, "nocase"):
		return fmt.Sprintf("%s (%s) does not tell capital letters from small ones: mount it without nocase", m.Mountpoint, m.FSType)
	case slices.Contains([]string{"vfat", "exfat", "ntfs3"}, m.FSType):
		return fmt.Sprintf("%s is %s, which does not tell capital letters from small ones: keep images on another file system", m.Mountpoint, m.FSType)
	case isUpper && slices.Contains([]string{"nfs", "nfs4", "cifs", "smb3", "9p"}, m.FSType):
		return fmt.Sprintf("%s is %s, which cannot hold what a container changes: keep /storage on a disk or in memory", m.Mountpoint, m.FSType)
	}
	return ""
}
