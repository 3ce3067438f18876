// Package folder is the side of a mirror that is a folder: it lists a tree in
// the order of its names, and changes it in steps that leave each file either
// as it was or as it is to be. Nothing that it does follows a symbolic link or
// leaves the folder.
package folder

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// stagePrefix begins the names of folders in which downloads wait until they
// are whole. No listing shows them.
const stagePrefix = ".s3sync-"

// longestName is the longest name that an object can have, in bytes (Amazon S3's "Naming
// Amazon S3 objects"). What lies deeper in a folder is no business of a mirror's, and
// each folder on the way there is open while it is listed.
const longestName = 1024

var errNameTooLong = fmt.Errorf("no object's name can have more than %d bytes", longestName)

// Folder is an open folder.
type Folder struct {
	Path string
	dir  *os.File
}

// Open opens a folder that exists.
func Open(name string) (*Folder, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return &Folder{Path: name, dir: os.NewFile(uintptr(fd), name)}, nil
}

// Create opens a folder, which it makes if it does not exist.
func Create(name string) (*Folder, error) {
	if err := os.MkdirAll(name, 0o777); err != nil {
		return nil, err
	}
	return Open(name)
}

// Close closes the folder.
func (f *Folder) Close() error { return f.dir.Close() }

// root returns the folder for what follows links, but never out of it.
func (f *Folder) root() (*os.Root, error) { return os.OpenRoot(inside.ProcPath(int(f.dir.Fd()))) }

// inside names what is directly in the folder, wherever that has been moved to.
func (f *Folder) inside(name string) string { return inside.ProcPath(int(f.dir.Fd())) + "/" + name }

// CheckName fails for a name that is no way down from a folder, or that no
// file can have. Object names can be anything.
func CheckName(name string) error {
	name = strings.TrimSuffix(name, "/")
	if name == "" {
		return nil // the uppermost folder
	}
	if strings.IndexByte(name, 0) >= 0 {
		return errors.New("a file's name cannot have a zero byte")
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return fmt.Errorf("a file's name cannot have %q between its slashes", part)
		case len(part) > unix.NAME_MAX:
			return fmt.Errorf("a file's name cannot have %d bytes", len(part))
		case strings.HasPrefix(part, stagePrefix):
			return fmt.Errorf("names that begin with %s are for downloads on their way", stagePrefix)
		}
	}
	return nil
}

// IsGone tells whether an error means that what was there is not there any more, or
// that something else is.
func IsGone(err error) bool {
	for _, errno := range []error{unix.ENOENT, unix.ENOTDIR, unix.ELOOP, unix.ESTALE} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return errors.Is(err, ErrReplaced)
}

// openParent opens the folder that holds name, and returns the last part of it.
func (f *Folder) openParent(name string) (parent int, base string, err error) {
	if err := CheckName(name); err != nil {
		return -1, "", err
	}
	dir, base := path.Split(strings.TrimSuffix(name, "/"))
	if base == "" {
		return -1, "", errors.New("this is the folder itself")
	}
	parent, err = f.openBelow(dir, unix.O_PATH|unix.O_DIRECTORY)
	return parent, base, err
}

// openBelow opens what name leads to, without a link on the way or at the end.
func (f *Folder) openBelow(name string, flags int) (int, error) {
	name = strings.TrimSuffix(name, "/")
	if name == "" {
		name = "."
	}
	fd, err := inside.OpenAt(int(f.dir.Fd()), name, flags|unix.O_NOFOLLOW, unix.RESOLVE_NO_SYMLINKS)
	if err == unix.ELOOP {
		err = fmt.Errorf("a symbolic link is in the way: %w", err)
	}
	return fd, err
}

// in calls f with the folder that holds name, and names what failed.
func (f *Folder) in(name, verb string, call func(parent int, base string) error) error {
	parent, base, err := f.openParent(name)
	if err == nil {
		err = call(parent, base)
		unix.Close(parent)
	}
	if err != nil {
		return fmt.Errorf("%s %q: %w", verb, name, err)
	}
	return nil
}

// MakeFolder makes a folder and those above it, where they are missing.
func (f *Folder) MakeFolder(name string) error {
	name = strings.TrimSuffix(name, "/")
	if name == "" || name == "." {
		return nil
	}
	parent, base, err := f.openParent(name)
	if err == unix.ENOENT {
		if err := f.MakeFolder(path.Dir(name)); err != nil {
			return err
		}
		parent, base, err = f.openParent(name)
	}
	if err != nil {
		return fmt.Errorf("make folder %q: %w", name, err)
	}
	defer unix.Close(parent)
	err = unix.Mkdirat(parent, base, 0o777)
	if err == unix.EEXIST {
		err = isFolder(parent, base)
	}
	if err != nil {
		return fmt.Errorf("make folder %q: %w", name, err)
	}
	return nil
}

func isFolder(parent int, base string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(parent, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return unix.ENOTDIR
	}
	return nil
}

// Remove removes a file, or a folder that is empty, and tells whether it did: what
// does not exist, and a folder that is not empty, are no errors.
func (f *Folder) Remove(name string) (removed bool, err error) {
	flags := 0
	if strings.HasSuffix(name, "/") {
		flags = unix.AT_REMOVEDIR
	}
	err = f.in(name, "remove", func(parent int, base string) error {
		err := unix.Unlinkat(parent, base, flags)
		if err == unix.ENOENT || flags != 0 && (err == unix.ENOTEMPTY || err == unix.EEXIST) {
			return nil
		}
		removed = err == nil
		return err
	})
	return removed, err
}
