package inside

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// Copy copies all that is below one open folder into another, with owners, modes, times,
// extended attributes, holes and hard links, and at last gives the other what the folder
// itself has of these. It follows no link in either. What the other folder has already, or
// somebody makes in it meanwhile, stays as it is.
func Copy(from, to *os.File) error {
	c := copying{top: to, made: make(map[inode]copied)}
	if err := c.folder(from, to, "", 0); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(from.Fd()), &st); err != nil {
		return err
	}
	return dress(from, to, &st)
}

type copying struct {
	top  *os.File
	made map[inode]copied // by the original, of files with several names
}

// copied is where a copy was made, and which file that was.
type copied struct {
	name string // below the uppermost folder
	file inode
}

func (c *copying) folder(from, to *os.File, name string, depth int) error {
	if depth > deepest {
		return &fs.PathError{Op: "copy", Path: from.Name(), Err: errTooDeep}
	}
	return each(from, func(e Entry) error {
		err := c.entry(&e, to, path.Join(name, e.Name), depth)
		if err == unix.EEXIST || isGone(err) {
			return nil
		}
		return e.wrap("copy", err)
	})
}

// entry copies one entry to the same name in another folder.
func (c *copying) entry(e *Entry, to *os.File, name string, depth int) error {
	from, err := e.open(unix.O_PATH)
	if err != nil {
		return err
	}
	defer from.Close()
	// what it is now, whatever it was a moment ago
	if err := unix.Fstat(int(from.Fd()), &e.Stat_t); err != nil {
		return err
	}
	made := &Entry{Folder: to, Name: e.Name}
	switch e.Kind() {
	case unix.S_IFREG:
		return c.file(e, from, made, name)
	case unix.S_IFDIR:
		err = unix.Mkdirat(int(to.Fd()), e.Name, 0o700)
	case unix.S_IFLNK:
		var target string
		if target, err = readLink(from, ""); err == nil {
			err = unix.Symlinkat(target, int(to.Fd()), e.Name)
		}
	default:
		err = unix.Mknodat(int(to.Fd()), e.Name, e.Mode, int(e.Rdev))
	}
	if err != nil {
		return err
	}
	twin, err := made.open(unix.O_PATH)
	if err != nil {
		return err
	}
	defer twin.Close()
	if err := unix.Fstat(int(twin.Fd()), &made.Stat_t); err != nil || made.Kind() != e.Kind() {
		return err // somebody has put something else there
	}
	if e.Kind() == unix.S_IFDIR {
		if err := c.folder(from, twin, name, depth+1); err != nil {
			return err
		}
	}
	return dress(from, twin, &e.Stat_t)
}

// file copies a regular file, or links to the copy of it that there is.
func (c *copying) file(e *Entry, from *os.File, made *Entry, name string) error {
	if e.Nlink > 1 && c.link(inodeOf(&e.Stat_t), made) {
		return nil
	}
	content, err := os.Open(ProcPath(int(from.Fd())))
	if err != nil {
		return err
	}
	defer content.Close()
	fd, err := unix.Openat(int(made.Folder.Fd()), made.Name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	twin := os.NewFile(uintptr(fd), made.Name)
	defer twin.Close()
	if err := copyContent(content, twin, e.Size); err != nil {
		return err
	}
	if e.Nlink > 1 {
		file, err := inodeOfOpen(fd)
		if err != nil {
			return err
		}
		c.made[inodeOf(&e.Stat_t)] = copied{name, file}
	}
	return dress(from, twin, &e.Stat_t)
}

// link gives the copy of a file another name, and tells whether it could.
func (c *copying) link(original inode, made *Entry) bool {
	there, ok := c.made[original]
	if !ok {
		return false
	}
	fd, err := OpenAt(int(c.top.Fd()), there.name, unix.O_PATH|unix.O_NOFOLLOW, unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	file, err := inodeOfOpen(fd)
	return err == nil && file == there.file &&
		unix.Linkat(fd, "", int(made.Folder.Fd()), made.Name, unix.AT_EMPTY_PATH) == nil
}

// copyContent leaves holes where the original has them.
func copyContent(from, to *os.File, size int64) error {
	for at := int64(0); ; {
		data, err := unix.Seek(int(from.Fd()), at, unix.SEEK_DATA)
		if err == unix.ENXIO { // from here on there is none
			return to.Truncate(size)
		}
		if err != nil {
			return err
		}
		if at, err = unix.Seek(int(from.Fd()), data, unix.SEEK_HOLE); err != nil {
			return err
		}
		for _, f := range []*os.File{from, to} {
			if _, err := f.Seek(data, io.SeekStart); err != nil {
				return err
			}
		}
		if _, err := io.CopyN(to, from, at-data); err != nil {
			return err
		}
	}
}

// dress gives one open file owner, extended attributes, mode and times of another. Both
// may be open with O_PATH alone.
func dress(from, to *os.File, st *unix.Stat_t) error {
	fd, path := int(to.Fd()), ProcPath(int(to.Fd()))
	if err := unix.Fchownat(fd, "", int(st.Uid), int(st.Gid), unix.AT_EMPTY_PATH); err != nil {
		return fmt.Errorf("change owner: %w", err)
	}
	// what follows would be cleared by a change of owner
	xattrs, err := Xattrs(int(from.Fd()))
	if err != nil {
		return err
	}
	for name, value := range xattrs {
		if err := unix.Setxattr(path, name, value, 0); err != nil && err != unix.ENOTSUP {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK {
		if err := unix.Chmod(path, st.Mode&0o7777); err != nil {
			return fmt.Errorf("change mode: %w", err)
		}
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{st.Atim, st.Mtim}, 0)
}
