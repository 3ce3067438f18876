package inside

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxOpen bounds how many folders RemoveAll has open.
const maxOpen = 64

// RemoveAll is RemoveAt for a path. Where there is nothing, that is no error.
func RemoveAll(path string) error {
	path = filepath.Clean(path)
	parent, err := os.Open(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer parent.Close()
	return RemoveAt(parent, filepath.Base(path))
}

// RemoveAt is RemoveEach, but for the first failure after the end.
func RemoveAt(parent *os.File, name string) error {
	var first error
	RemoveEach(parent, name, func(_ func() string, err error) bool {
		first = cmp.Or(first, err)
		return true
	})
	return first
}

// RemoveEach removes what has a name in an open folder, with all that is in it, however deep
// that goes. Below, it follows no link, and leaves what is mounted there alone. It tells of
// each file, whose path below the folder's own can be asked for, and of its failure, and goes
// on as long as tell returns true.
func RemoveEach(parent *os.File, name string, tell func(path func() string, err error) bool) {
	r := &removal{levels: []*level{{name: parent.Name(), dir: parent, left: []string{name}}}, tell: tell}
	for r.step() && !r.stopped {
	}
	for _, l := range r.levels[1:] {
		l.dir.Close() // nil where it is closed
	}
}

// removal is the way down to what is being removed.
type removal struct {
	levels  []*level
	tell    func(path func() string, err error) bool
	stopped bool
}

// level is a folder on the way.
type level struct {
	name string // in the folder above
	file inode
	dir  *os.File        // nil where too many are open
	left []string        // names to be removed next
	kept map[string]bool // those that cannot be
}

// step removes one name, goes down into the folder that it is, or up again. It tells
// whether there is more to do.
func (r *removal) step() bool {
	l := r.levels[len(r.levels)-1]
	if len(l.left) == 0 && len(r.levels) > 1 {
		l.read()
	}
	if len(l.left) == 0 {
		return len(r.levels) > 1 && r.leave(l)
	}
	name := l.left[0]
	l.left = l.left[1:]
	err := unix.Unlinkat(int(l.dir.Fd()), name, 0)
	if err == unix.EISDIR {
		err = unix.Unlinkat(int(l.dir.Fd()), name, unix.AT_REMOVEDIR)
	}
	if err == unix.ENOTEMPTY || err == unix.EEXIST {
		if err = r.enter(l, name); err == nil {
			return true
		}
	}
	r.note(l, name, err)
	return true
}

// read reads names. It begins anew each time: what was removed may have changed their order.
func (l *level) read() {
	l.dir.Seek(0, 0)
	for len(l.left) == 0 {
		names, err := l.dir.Readdirnames(atOnce)
		for _, name := range names {
			if !l.kept[name] {
				l.left = append(l.left, name)
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *removal) enter(above *level, name string) error {
	fd, err := OpenAt(int(above.dir.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY, unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_XDEV)
	if err != nil {
		return err
	}
	l := &level{name: name, dir: os.NewFile(uintptr(fd), name)}
	if l.file, err = inodeOfOpen(fd); err != nil {
		l.dir.Close()
		return err
	}
	r.levels = append(r.levels, l)
	if n := len(r.levels) - maxOpen; n > 0 {
		r.levels[n].dir.Close()
		r.levels[n].dir, r.levels[n].left = nil, nil
	}
	return nil
}

// leave goes back to the folder above, and removes the one that is left. It tells whether
// it found the way.
func (r *removal) leave(l *level) bool {
	defer l.dir.Close()
	r.levels = r.levels[:len(r.levels)-1]
	above := r.levels[len(r.levels)-1]
	if above.dir == nil && !above.reopen(l) {
		r.note(above, l.name, unix.ESTALE)
		return false
	}
	r.note(above, l.name, unix.Unlinkat(int(above.dir.Fd()), l.name, unix.AT_REMOVEDIR))
	return true
}

// reopen finds the way back from a folder, unless that was moved meanwhile.
func (l *level) reopen(below *level) bool {
	fd, err := unix.Openat(int(below.dir.Fd()), "..", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	l.dir = os.NewFile(uintptr(fd), l.name)
	there, err := inodeOfOpen(fd)
	return err == nil && there == l.file
}

// note tells of a name, and keeps one that could not be removed from being tried again.
func (r *removal) note(l *level, name string, err error) {
	if err == unix.ENOENT { // somebody else did it
		return
	}
	path := func() string {
		var names []string
		for _, above := range r.levels {
			if names = append(names, above.name); above == l {
				break
			}
		}
		return filepath.Join(append(names, name)...)
	}
	if err != nil {
		if l.kept == nil {
			l.kept = make(map[string]bool)
		}
		l.kept[name] = true
		err = &fs.PathError{Op: "remove", Path: path(), Err: err}
	}
	r.stopped = !r.tell(path, err)
}
