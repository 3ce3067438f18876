package bundle

import (
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

// mount lays the image's layers over each other. They are named by their descriptors: these
// are short, because the options of a mount must fit into one page, and a server that has the
// layers cannot put a link in their place.
func (b *Bundle) mount(layers []string) error {
	lower := make([]string, len(layers))
	for i, layer := range layers {
		f, err := os.OpenFile(layer, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		lower[len(layers)-1-i] = inside.ProcPath(int(f.Fd()))
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", strings.Join(lower, ":"),
		filepath.Join(b.folder, "upper"), filepath.Join(b.folder, "work"))
	if len(options) >= os.Getpagesize() {
		return fmt.Errorf("%d layers are more than an overlay mount can take", len(layers))
	}
	if err := (mount.Options{Data: []string{options}}).Mount("overlay", b.Root(), "overlay"); err != nil {
		err = fmt.Errorf("mount -t overlay overlay %s with %d layers: %w", b.Root(), len(layers), err)
		if advice := refusal(b.folder, layers); advice != "" {
			err = fmt.Errorf("%w: %s", err, advice)
		}
		return err
	}
	return nil
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
