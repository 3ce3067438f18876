package inside

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	// deepest bounds how deep folders lie in each other: each is open while what is
	// below it is walked through. The longest path that the kernel takes has 2,048.
	deepest = 1000
	// atOnce is how many names are read at a time: a folder may have millions.
	atOnce = 256
)

var errTooDeep = errors.New("more than 1000 folders lie in each other")

// Entry is a name in an open folder, and what it was when it was looked at.
type Entry struct {
	Folder *os.File
	Name   string
	unix.Stat_t
}

// Kind is the type of file in Mode: unix.S_IFREG and its like.
func (e *Entry) Kind() uint32 { return e.Mode & unix.S_IFMT }

// path is the entry's name, below that of the folder where a walk began.
func (e *Entry) path() string { return filepath.Join(e.Folder.Name(), e.Name) }

// wrap says of which file an error is, if it does not say that itself.
func (e *Entry) wrap(op string, err error) error {
	var named *fs.PathError
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &fs.PathError{Op: op, Path: e.path(), Err: err}
}

// open opens what has the name now, unless it is a link.
func (e *Entry) open(flags int) (*os.File, error) {
	fd, err := unix.Openat(int(e.Folder.Fd()), e.Name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, e.wrap("open", err)
	}
	return os.NewFile(uintptr(fd), e.path()), nil
}

// Chown gives the entry to a user and a group, -1 being whoever it was: a link itself.
func (e *Entry) Chown(uid, gid int) error {
	return e.wrap("chown", unix.Fchownat(int(e.Folder.Fd()), e.Name, uid, gid, unix.AT_SYMLINK_NOFOLLOW))
}

// Chmod changes the entry's permissions, unless it is a link by now.
func (e *Entry) Chmod(bits uint32) error {
	f, err := e.open(unix.O_PATH)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Fstat(int(f.Fd()), &e.Stat_t); err != nil || e.Kind() == unix.S_IFLNK {
		return err
	}
	return e.wrap("chmod", unix.Chmod(ProcPath(int(f.Fd())), bits))
}

func (e *Entry) openFolder() (*os.File, error) { return e.open(unix.O_RDONLY | unix.O_DIRECTORY) }

// Walk visits all that is below an open folder, a folder before what is in it. It follows
// no link, not even one that takes a folder's place meanwhile, and leaves out what is
// gone by then. The folder may be open with O_PATH alone.
func Walk(folder *os.File, visit func(Entry) error) error {
	return walk(folder, visit, 0)
}

func walk(folder *os.File, visit func(Entry) error, depth int) error {
	if depth > deepest {
		return &fs.PathError{Op: "open", Path: folder.Name(), Err: errTooDeep}
	}
	return each(folder, func(e Entry) error {
		if err := visit(e); err != nil || e.Kind() != unix.S_IFDIR {
			return err
		}
		below, err := e.openFolder()
		if isGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		defer below.Close()
		return walk(below, visit, depth+1)
	})
}

// each visits what is in one folder.
func each(folder *os.File, visit func(Entry) error) error {
	names, err := (&Entry{Folder: folder, Name: "."}).openFolder()
	if err != nil {
		return err
	}
	defer names.Close()
	for {
		some, err := names.Readdirnames(atOnce)
		for _, name := range some {
			e := Entry{Folder: folder, Name: name}
			err := unix.Fstatat(int(folder.Fd()), name, &e.Stat_t, unix.AT_SYMLINK_NOFOLLOW)
			if isGone(err) {
				continue
			}
			if err == nil {
				err = visit(e)
			}
			if err != nil {
				return e.wrap("stat", err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// isGone tells whether an error means that a name leads to something else now, or nowhere.
func isGone(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP)
}

// Usage returns how much of the disk the folder of that path takes with all that is in it,
// in bytes. Files of several names count once, and what cannot be looked at counts nothing.
func Usage(folder string) (bytes, files int64) {
	f, err := os.Open(folder)
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	linked := make(map[inode]bool)
	count := func(e Entry) error {
		id := inodeOf(&e.Stat_t)
		if !linked[id] {
			bytes += e.Blocks * 512 // stat(2): whatever the file system's own blocks are
			files++
		}
		if e.Kind() != unix.S_IFDIR && e.Nlink > 1 {
			linked[id] = true
		}
		return nil
	}
	var self Entry
	if unix.Fstat(int(f.Fd()), &self.Stat_t) == nil {
		count(self)
	}
	Walk(f, count)
	return bytes, files
}

// inode tells files apart.
type inode struct{ dev, ino uint64 }

func inodeOf(st *unix.Stat_t) inode { return inode{st.Dev, st.Ino} }

func inodeOfOpen(fd int) (inode, error) {
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	return inodeOf(&st), err
}
