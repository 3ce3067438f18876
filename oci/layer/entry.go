package layer

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"golang.org/x/sys/unix"
)

// entry is one entry of the archive and the place where it goes.
type entry struct {
	*tar.Header
	path   string // clean
	base   string // its last component
	parent int    // the folder it is in, open
	mode   uint32 // permissions with set-user-ID, set-group-ID and sticky bits
	xattrs []xattr
}

// add writes one entry into the tree.
func (t *tree) add(ctx context.Context, h *tar.Header, content io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	path, err := clean(h.Name, h.Name)
	if err != nil {
		return err
	}
	if err := checkOwner(h); err != nil {
		return err
	}
	if path == "." {
		return t.addRoot(h)
	}
	dir, base := split(path)
	if strings.HasPrefix(path, whiteoutMetaPrefix) && base != opaqueWhiteout {
		return nil
	}
	parent, err := t.enter(dir)
	if err != nil {
		return err
	}
	e := entry{Header: h, path: path, base: base, parent: parent, mode: uint32(h.Mode & 0o7777)}
	if strings.HasPrefix(base, whiteoutPrefix) {
		return t.addWhiteout(e)
	}
	e.xattrs = t.xattrsOf(h)
	return t.create(ctx, e, content)
}

func checkOwner(h *tar.Header) error {
	if h.Uid < 0 || h.Gid < 0 || int64(h.Uid) >= math.MaxUint32 || int64(h.Gid) >= math.MaxUint32 {
		return &FormatError{fmt.Errorf("archive entry %q: owner %d:%d is out of range", h.Name, h.Uid, h.Gid)}
	}
	return nil
}

// addRoot takes the layer's own entry, which sets what its folder looks like.
func (t *tree) addRoot(h *tar.Header) error {
	if h.Typeflag != tar.TypeDir {
		return &FormatError{fmt.Errorf("archive entry %q: the layer itself is not a folder", h.Name)}
	}
	if err := unix.Fchown(t.root, h.Uid, h.Gid); err != nil {
		return pathError("change owner of", h.Name, err)
	}
	t.later(&folder{path: ".", mode: uint32(h.Mode & 0o7777), set: true, times: timesOf(h), xattrs: t.xattrsOf(h)})
	return nil
}

// create makes the entry's file. What is there already gives way, except that
// a folder takes in another of its name.
func (t *tree) create(ctx context.Context, e entry, content io.Reader) error {
	err := t.make(ctx, e, content)
	if err != unix.EEXIST {
		return entryError(e, err)
	}
	var st unix.Stat_t
	if err := unix.Fstatat(e.parent, e.base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return entryError(e, err)
	}
	isFolder := st.Mode&unix.S_IFMT == unix.S_IFDIR
	switch {
	case e.Typeflag == tar.TypeDir && isFolder:
		return entryError(e, t.setFolder(e, st.Mode&0o7777))
	case e.Typeflag == tar.TypeDir && isWhiteout(&st):
		if err := t.replaceWhiteout(e.parent, e.path, e.base, e.mode&0o777|0o700); err != nil {
			return entryError(e, err)
		}
		return entryError(e, t.setFolder(e, e.mode&0o777|0o700))
	}
	if err := t.remove(e.parent, e.path, e.base, isFolder); err != nil {
		return entryError(e, err)
	}
	return entryError(e, t.make(ctx, e, content))
}

func entryError(e entry, err error) error {
	switch err.(type) {
	case nil:
		return nil
	case unix.Errno:
		return pathError("create", e.path, err)
	default:
		return err
	}
}

// make creates the entry's file, or says EEXIST, with nothing changed.
func (t *tree) make(ctx context.Context, e entry, content io.Reader) error {
	switch e.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		return t.makeFile(ctx, e, content)
	case tar.TypeDir:
		mode := e.mode&0o777 | 0o700
		if err := retry(func() error { return unix.Mkdirat(e.parent, e.base, mode) }); err != nil {
			return err
		}
		return t.setFolder(e, mode)
	case tar.TypeSymlink:
		if err := unix.Symlinkat(e.Linkname, e.parent, e.base); err != nil {
			return err
		}
		return t.setNode(e)
	case tar.TypeLink:
		return t.makeLink(e)
	case tar.TypeChar:
		return t.makeNode(e, unix.S_IFCHR)
	case tar.TypeBlock:
		return t.makeNode(e, unix.S_IFBLK)
	case tar.TypeFifo:
		return t.makeNode(e, unix.S_IFIFO)
	}
	return &FormatError{fmt.Errorf("archive entry %q: unknown type %q", e.Name, e.Typeflag)}
}

func (t *tree) makeNode(e entry, kind uint32) error {
	dev := 0
	if kind != unix.S_IFIFO {
		dev = int(unix.Mkdev(uint32(e.Devmajor), uint32(e.Devminor)))
	}
	if err := unix.Mknodat(e.parent, e.base, kind|e.mode, dev); err != nil {
		return err
	}
	if err := t.setNode(e); err != nil {
		return err
	}
	if e.mode&0o7000 != 0 {
		return unix.Fchmodat(e.parent, e.base, e.mode, 0)
	}
	return nil
}

// makeLink makes a hard link to what an earlier entry of the archive created.
// Owner, mode and times are those that the file has already.
func (t *tree) makeLink(e entry) error {
	target, err := clean(e.Name, e.Linkname)
	if err != nil {
		return err
	}
	dir, base := split(target)
	source := t.root
	if dir != "." {
		if source, err = openInRoot(t.root, dir); err != nil {
			return fmt.Errorf("link %s to %s, which must be in the same layer: %w", e.path, target, err)
		}
		defer unix.Close(source)
	}
	err = unix.Linkat(source, base, e.parent, e.base, 0)
	if err != nil && err != unix.EEXIST {
		return fmt.Errorf("link %s to %s, which must be in the same layer: %w", e.path, target, err)
	}
	return err
}
