package filesystem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"bootrc/rootfs/disk"

	"golang.org/x/sys/unix"
)

// patience is how long a local disk may take to appear.
const patience = 10 * time.Second

// Mount mounts the filesystem on the folder target, which it makes if need be.
// A local device may take 10 seconds to appear; a server's name is looked up
// once.
func (f Filesystem) Mount(ctx context.Context, target string, readOnly bool) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	m, err := f.prepare(ctx)
	if err != nil {
		return fmt.Errorf("filesystem %s: %w", f.Name, err)
	}
	if readOnly {
		m.flags |= unix.MS_RDONLY
	}
	if err := unix.Mount(m.source, target, m.kind, m.flags, strings.Join(m.data, ",")); err != nil {
		return fmt.Errorf("filesystem %s: mount %s (%s) on %s: %w", f.Name, f.Source, m.kind, target, cause(err))
	}
	return nil
}

// mounting is what mount(2) is called with.
type mounting struct {
	source, kind string
	flags        uintptr
	data         []string
}

// prepare turns the words of a person into those of mount(2).
func (f Filesystem) prepare(ctx context.Context) (*mounting, error) {
	m := &mounting{source: f.Source, kind: f.kind()}
	for _, option := range f.Options {
		m.add(option)
	}
	var err error
	switch m.kind {
	case "":
		err = m.fromDevice(ctx)
	case "nfs", "nfs4":
		err = m.nfs(ctx)
	case "cifs":
		err = m.cifs(ctx)
	case "9p", "virtiofs", "tmpfs", "overlay":
	default:
		m.source, err = wait(ctx, f.Source)
		if errors.Is(err, disk.ErrNotLocal) { // a word that the filesystem understands
			m.source, err = f.Source, nil
		}
	}
	return m, err
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

// add takes an option of mount(8): what all filesystems know is a flag, the rest
// is the filesystem's own.
func (m *mounting) add(option string) {
	if flag, ok := flags[option]; ok {
		m.flags = m.flags&^flag.clear | flag.set
	} else {
		m.data = append(m.data, option)
	}
}

// flags are the options of mount(8) that every filesystem knows.
var flags = map[string]struct{ set, clear uintptr }{
	"defaults": {}, "auto": {}, "noauto": {}, "nofail": {}, "_netdev": {},
	"ro": {set: unix.MS_RDONLY}, "rw": {clear: unix.MS_RDONLY},
	"nosuid": {set: unix.MS_NOSUID}, "suid": {clear: unix.MS_NOSUID},
	"nodev": {set: unix.MS_NODEV}, "dev": {clear: unix.MS_NODEV},
	"noexec": {set: unix.MS_NOEXEC}, "exec": {clear: unix.MS_NOEXEC},
	"sync": {set: unix.MS_SYNCHRONOUS}, "async": {clear: unix.MS_SYNCHRONOUS},
	"noatime": {set: unix.MS_NOATIME}, "relatime": {set: unix.MS_RELATIME}, "strictatime": {set: unix.MS_STRICTATIME},
	"nodiratime": {set: unix.MS_NODIRATIME}, "lazytime": {set: unix.MS_LAZYTIME},
}

// fromDevice finds a local device, and on it the type.
func (m *mounting) fromDevice(ctx context.Context) error {
	device, err := wait(ctx, m.source)
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

// wait waits for a local device.
func wait(ctx context.Context, source string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return disk.Wait(ctx, source)
}

// value returns the value of an option KEY=VALUE of the filesystem's own.
func (m *mounting) value(key string) string {
	for _, option := range m.data {
		if v, ok := strings.CutPrefix(option, key+"="); ok {
			return v
		}
	}
	return ""
}

// cause says what the kernel's word for it may mean.
func cause(err error) error {
	switch {
	case errors.Is(err, unix.ENODEV):
		return errors.New("this kernel has no such filesystem type, nor a module for it")
	case errors.Is(err, unix.EINVAL):
		return errors.New("wrong type, bad option or damaged filesystem (`dmesg` may say more)")
	}
	return err
}
