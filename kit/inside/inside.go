// Package inside opens what is below a folder as chroot(2) would find it there: no link, no
// ".." and nobody who renames things meanwhile leads out of the folder, and absolute links
// begin at it. That is openat2(2)'s RESOLVE_IN_ROOT.
package inside

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Folder is the open folder that nothing leads out of.
type Folder struct{ f *os.File }

// Open opens the folder of that path.
func Open(name string) (*Folder, error) {
	f, err := os.OpenFile(name, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	return &Folder{f}, nil
}

// Sub opens a folder below the folder, which nothing leads out of either.
func (r *Folder) Sub(name string) (*Folder, error) {
	f, err := r.OpenFile(name, unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	return &Folder{f}, nil
}

// Close closes the folder. What was opened in it stays open.
func (r *Folder) Close() error { return r.f.Close() }

// OpenFile opens a name below the folder with flags of open(2), which make nothing.
func (r *Folder) OpenFile(name string, flags int) (*os.File, error) {
	fd, err := OpenAt(int(r.f.Fd()), name, flags, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// Stat says what lies under a name below the folder, or where a link of that name leads.
func (r *Folder) Stat(name string) (fs.FileInfo, error) {
	f, err := r.OpenFile(name, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

// maxLinks bounds chains of links, as the kernel does.
const maxLinks = 40

// MakeFolder opens the folder of that name. It makes the folder and those above it if
// they do not exist. Where a link leads to something that is not there, it makes that.
func (r *Folder) MakeFolder(name string, mode uint32) (*os.File, error) {
	return r.makeFolder(path.Clean("/"+name), mode, maxLinks)
}

func (r *Folder) makeFolder(name string, mode uint32, links int) (*os.File, error) {
	f, err := r.OpenFile(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if links == 0 {
		return nil, &fs.PathError{Op: "mkdir", Path: name, Err: unix.ELOOP}
	}
	above, base := path.Split(strings.TrimRight(name, "/"))
	parent, err := r.makeFolder(above, mode, links-1)
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	err = unix.Mkdirat(int(parent.Fd()), base, mode)
	if err == unix.EEXIST {
		var target string
		if target, err = readLink(parent, base); err == nil {
			if !path.IsAbs(target) {
				target = above + target
			}
			return r.makeFolder(target, mode, links-1)
		}
	}
	if err != nil {
		return nil, &fs.PathError{Op: "mkdir", Path: name, Err: err}
	}
	return r.OpenFile(name, unix.O_RDONLY|unix.O_DIRECTORY)
}

func readLink(parent *os.File, base string) (string, error) {
	target := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(int(parent.Fd()), base, target)
	if err != nil {
		return "", err
	}
	return string(target[:n]), nil
}

// maxTries bounds how often a rename elsewhere may keep the kernel from being sure of "..".
const maxTries = 1000

// OpenAt opens a path below the open folder root, with flags of open(2) and further ones for
// how it is resolved (RESOLVE_NO_XDEV).
func OpenAt(root int, name string, flags int, resolve uint64) (fd int, err error) {
	how := &unix.OpenHow{
		Flags:   uint64(flags | unix.O_CLOEXEC),
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS | resolve,
	}
	for range maxTries {
		if fd, err = unix.Openat2(root, name, how); err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
	return -1, fmt.Errorf("it changes all the time: %w", err)
}
