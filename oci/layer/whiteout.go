package layer

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const opaqueXattr = "trusted.overlay.opaque"

// addWhiteout hides what lower layers have: one name, or all of a folder.
// image-spec layer.md, "Whiteouts": it does not concern this layer's own files.
func (t *tree) addWhiteout(e entry) error {
	if e.base == opaqueWhiteout {
		return t.setOpaque(e.parent, e.path)
	}
	hidden, err := hiddenName(e.Name, e.base)
	if err != nil {
		return err
	}
	err = unix.Mknodat(e.parent, hidden, unix.S_IFCHR, 0)
	if err != unix.EEXIST {
		return entryError(e, err)
	}
	// a file of this layer already hides that of the layers below, and a folder
	// does so when it is opaque.
	fd, err := openFolderAt(e.parent, hidden)
	if err == unix.ENOTDIR || err == unix.ELOOP {
		return nil
	}
	if err != nil {
		return entryError(e, err)
	}
	defer unix.Close(fd)
	return t.setOpaque(fd, e.path)
}

// replaceWhiteout turns a whiteout into a folder that shows nothing of the
// layers below.
func (t *tree) replaceWhiteout(parent int, path, base string, mode uint32) error {
	if err := unix.Unlinkat(parent, base, 0); err != nil {
		return err
	}
	if err := unix.Mkdirat(parent, base, mode); err != nil {
		return err
	}
	fd, err := openFolderAt(parent, base)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return t.setOpaque(fd, path)
}

// setOpaque is an error where the file system cannot hold the mark: without it
// the container would see files that its image has deleted.
func (t *tree) setOpaque(fd int, path string) error {
	if err := unix.Fsetxattr(fd, opaqueXattr, []byte("y"), 0); err != nil {
		return pathError("set "+opaqueXattr+" for", path, err)
	}
	return nil
}

func isWhiteout(st *unix.Stat_t) bool {
	return st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0
}

// Opaque tells whether the layer in dir hides all layers below it. Overlayfs
// reads the mark of an opaque folder everywhere but at the root of a layer, so
// whoever stacks layers must leave out those below.
func Opaque(dir string) (bool, error) {
	var value [1]byte
	n, err := unix.Getxattr(dir, opaqueXattr, value[:])
	switch err {
	case nil:
		return n == 1 && value[0] == 'y', nil
	case unix.ENODATA, unix.ENOTSUP:
		return false, nil
	default:
		return false, fmt.Errorf("getxattr %s: %w", dir, err)
	}
}
