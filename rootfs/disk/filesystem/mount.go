package filesystem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootrc/kit/mount"
	"bootrc/kit/within"
	"bootrc/rootfs/disk"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// mounted is where each filesystem is mounted once, in a folder of its name. Its users get bind
// mounts of that folder: a 9p tag cannot be mounted twice, and of two mounts of one server,
// neither sees at once what the other writes.
const mounted = "/run/bootrc/filesystems"

// Mount mounts the filesystem on the folder target, which it makes if need be. If the filesystem
// is mounted already, the target is bound to that mount. A local device may take some seconds to
// appear (disk.Wait); a server's name is looked up once. A filesystem that is only used to read
// is not written to at all.
func (f Filesystem) Mount(ctx context.Context, target string, readOnly bool) error {
	if err := f.mount(ctx, target, readOnly); err != nil {
		return fmt.Errorf("filesystem %s: %w", f.Name, err)
	}
	return nil
}

func (f Filesystem) mount(ctx context.Context, target string, readOnly bool) error {
	m, once := f.mounting(), filepath.Join(mounted, f.Name)
	for _, folder := range []string{once, target} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	if err := f.mountOnce(ctx, m, once, readOnly); err != nil {
		return err
	}
	bind := mount.Options{Flags: unix.MS_BIND}
	if readOnly {
		bind.Flags |= unix.MS_RDONLY | m.options.Flags
	}
	if err := bind.Mount(once, target, ""); err != nil {
		return fmt.Errorf("mount %s on %s: %w", f.Source, target, err)
	}
	return nil
}

// mountOnce mounts the filesystem on its own folder, unless it is there.
func (f Filesystem) mountOnce(ctx context.Context, m *mounting, folder string, readOnly bool) error {
	there, err := mountinfo.Mounted(folder)
	if err != nil {
		return err
	}
	if there {
		return m.allowWrites(folder, readOnly)
	}
	if err := f.prepare(ctx, m); err != nil {
		return err
	}
	options := m.options
	if readOnly {
		options.Flags |= unix.MS_RDONLY
	}
	err = within.Do(ctx, mountLimit, func() error { return options.Mount(m.source, folder, m.kind) })
	if errors.Is(err, within.ErrLate) {
		err = fmt.Errorf("no answer within %s", mountLimit)
	}
	if err != nil {
		return fmt.Errorf("mount %s (%s): %w", f.Source, m.kind, err)
	}
	return nil
}

// mountLimit is how long the kernel may take to mount: some of its filesystems wait for ever
// for a server that takes a connection and says nothing.
const mountLimit = 3 * time.Minute

// allowWrites has a filesystem that others only read be written to as well.
func (m *mounting) allowWrites(folder string, readOnly bool) error {
	var now unix.Statfs_t
	if err := unix.Statfs(folder, &now); err != nil {
		return err
	}
	if readOnly || now.Flags&unix.ST_RDONLY == 0 || m.options.Flags&unix.MS_RDONLY != 0 {
		return nil
	}
	if err := unix.Mount("", folder, "", unix.MS_REMOUNT|m.options.Flags, ""); err != nil {
		return fmt.Errorf("remount %s to write: %w", folder, err)
	}
	return nil
}

// mounting is what mount(2) is called with.
type mounting struct {
	source, kind string
	options      mount.Options
}

// add adds an option of the filesystem's own.
func (m *mounting) add(option string) { m.options.Data = append(m.options.Data, option) }

// mounting is what the words of a person say of it.
func (f Filesystem) mounting() *mounting {
	m := &mounting{source: f.Source, kind: f.kind()}
	for _, option := range f.Options {
		m.options.Add(option)
	}
	return m
}

// prepare finds out what else the kernel has to know.
func (f Filesystem) prepare(ctx context.Context, m *mounting) (err error) {
	switch m.kind {
	case "":
		err = m.fromDevice(ctx)
	case "nfs", "nfs4":
		err = m.nfs(ctx)
	case "cifs":
		err = m.cifs(ctx)
	case "9p", "virtiofs", "tmpfs", "overlay":
	default:
		m.source, err = disk.Wait(ctx, f.Source)
		if errors.Is(err, disk.ErrNotLocal) { // a word that the filesystem understands
			m.source, err = f.Source, nil
		}
	}
	return err
}

// kind is the type that was given, or that the look of the source gives away;
// empty for a device, whose content says it.
func (f Filesystem) kind() string {
	switch {
	case f.Type == "smb3" || f.Type == "smb":
		return "cifs"
	case f.Type != "" && f.Type != "auto":
		return f.Type
	case strings.HasPrefix(f.Source, "//"):
		return "cifs"
	case !strings.HasPrefix(f.Source, "/") && strings.Contains(f.Source, ":/"):
		return "nfs"
	}
	return ""
}

// fromDevice finds a local device, and on it the type.
func (m *mounting) fromDevice(ctx context.Context) error {
	device, err := disk.Wait(ctx, m.source)
	if err != nil {
		return err
	}
	content, err := disk.Probe(device)
	if err != nil {
		return err
	}
	if content.Type == "" {
		return fmt.Errorf("%s: no filesystem that is known is on it; type= may name it", device)
	}
	m.source, m.kind = device, content.Type
	return nil
}
