package layer

import (
	"archive/tar"

	"golang.org/x/sys/unix"
)

// setFile sets what open(2) did not. The order matters: a change of owner and
// every write drop capabilities and the set-ID bits.
func (t *tree) setFile(fd int, e entry) error {
	if e.Uid != t.uid || e.Gid != t.gid {
		if err := unix.Fchown(fd, e.Uid, e.Gid); err != nil {
			return pathError("change owner of", e.path, err)
		}
	}
	if e.mode&0o7000 != 0 {
		if err := unix.Fchmod(fd, e.mode); err != nil {
			return pathError("change mode of", e.path, err)
		}
	}
	for _, x := range e.xattrs {
		if err := t.setXattr(e.path, x, unix.Fsetxattr(fd, x.name, x.value, 0)); err != nil {
			return err
		}
	}
	return t.setTimes(e)
}

// setNode sets owner, attributes and times of what cannot be opened: links,
// devices, fifos.
func (t *tree) setNode(e entry) error {
	if err := chown(e.parent, e.base, t, e.Uid, e.Gid); err != nil {
		return pathError("change owner of", e.path, err)
	}
	if len(e.xattrs) > 0 {
		name := procPath(e.parent, e.base)
		for _, x := range e.xattrs {
			if err := t.setXattr(e.path, x, unix.Lsetxattr(name, x.name, x.value, 0)); err != nil {
				return err
			}
		}
	}
	return t.setTimes(e)
}

// chown changes the owner of base in parent, unless it is what new files have.
func chown(parent int, base string, t *tree, uid, gid int) error {
	if uid == t.uid && gid == t.gid {
		return nil
	}
	return unix.Fchownat(parent, base, uid, gid, unix.AT_SYMLINK_NOFOLLOW)
}

func (t *tree) setTimes(e entry) error {
	times := timesOf(e.Header)
	if err := unix.UtimesNanoAt(e.parent, e.base, times[:], unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return pathError("set time of", e.path, err)
	}
	return nil
}

func timesOf(h *tar.Header) [2]unix.Timespec {
	modified, _ := unix.TimeToTimespec(h.ModTime) // that of 32 bits does not reach beyond 2038
	accessed := modified
	if !h.AccessTime.IsZero() {
		accessed, _ = unix.TimeToTimespec(h.AccessTime)
	}
	return [2]unix.Timespec{accessed, modified}
}

// setFolder sets the owner of a folder whose mode is has, and leaves the rest
// for the end.
func (t *tree) setFolder(e entry, has uint32) error {
	// always: the folder may be one that an earlier entry gave to another.
	if e.Uid != t.uid || e.Gid != t.gid || t.folders[e.path] != nil {
		if err := unix.Fchownat(e.parent, e.base, e.Uid, e.Gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return pathError("change owner of", e.path, err)
		}
	}
	t.later(&folder{path: e.path, mode: e.mode, set: e.mode != has, times: timesOf(e.Header), xattrs: e.xattrs})
	return nil
}

func (t *tree) later(f *folder) {
	if earlier := t.folders[f.path]; earlier != nil {
		earlier.removed = true
	}
	t.folders[f.path] = f
	t.order = append(t.order, f)
}

// finishFolders sets modes, attributes and times of folders, in the archive's
// order.
func (t *tree) finishFolders() error {
	for _, f := range t.order {
		if f.removed {
			continue
		}
		if err := t.finish(f); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) finish(f *folder) error {
	if f.path == "." {
		return t.finishOpen(t.root, f)
	}
	dir, base := split(f.path)
	parent, err := t.find(dir)
	if err == nil {
		err = t.finishIn(parent, base, f)
	}
	if err == unix.ENOENT || err == unix.ENOTDIR {
		return nil // it went with one above it, which a later entry replaced
	}
	if _, ok := err.(unix.Errno); ok {
		return pathError("set time of", f.path, err)
	}
	return err
}

func (t *tree) finishIn(parent int, base string, f *folder) error {
	if !f.set && len(f.xattrs) == 0 {
		return unix.UtimesNanoAt(parent, base, f.times[:], unix.AT_SYMLINK_NOFOLLOW)
	}
	fd, err := openFolderAt(parent, base)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return t.finishOpen(fd, f)
}

func (t *tree) finishOpen(fd int, f *folder) error {
	if f.set {
		if err := unix.Fchmod(fd, f.mode); err != nil {
			return pathError("change mode of", f.path, err)
		}
	}
	for _, x := range f.xattrs {
		if err := t.setXattr(f.path, x, unix.Fsetxattr(fd, x.name, x.value, 0)); err != nil {
			return err
		}
	}
	if err := unix.UtimesNanoAt(fd, ".", f.times[:], 0); err != nil {
		return pathError("set time of", f.path, err)
	}
	return nil
}
