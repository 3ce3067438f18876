package layer

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// maxOpen bounds the folders that stay open. Archives walk their trees depth
// first, so that a folder's parents are asked for again.
const maxOpen = 32

// tree is the folder into which a layer is unpacked.
//
// No path of more than one component is ever given to the kernel but through
// openat2's RESOLVE_IN_ROOT, which takes absolute links and ".." as chroot(2)
// would; all else happens in an open folder, on a last component that is never
// followed. (os.Root opens each component of each name, which is several
// system calls an entry, and refuses absolute links.)
type tree struct {
	root     int
	open     []openFolder // a chain: each is above the next
	uid, gid int          // what new files belong to
	buf      []byte
	report   Report

	stale bool // what is open may not be what its path names any more

	folders map[string]*folder
	order   []*folder
}

type openFolder struct {
	path string
	fd   int
}

// folder is what is set on a folder when all its entries are there: creating
// them changes its time, and default ACLs or the set-group-ID bit would change
// them.
type folder struct {
	path    string
	mode    uint32
	set     bool // mode differs from the one the folder was created with
	times   [2]unix.Timespec
	xattrs  []xattr
	removed bool
}

func openTree(dir string) (*tree, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return &tree{
		root:    fd,
		uid:     os.Geteuid(),
		gid:     os.Getegid(),
		buf:     make([]byte, copySize),
		folders: make(map[string]*folder),
	}, nil
}

func (t *tree) close() {
	t.leave(0)
	unix.Close(t.root)
}

// leave closes the open folders from the nth on.
func (t *tree) leave(n int) {
	for _, f := range t.open[n:] {
		unix.Close(f.fd)
	}
	t.open = t.open[:n]
}

// enter returns the folder of a clean name, open until the next call, and
// creates it, and those above it, where the archive has not named them.
func (t *tree) enter(path string) (int, error) {
	fd, err := t.find(path)
	if err == unix.ENOENT || err == unix.ENOTDIR {
		if fd, err = t.makeFolder(path); err == nil {
			t.keep(path, fd)
		}
	}
	return fd, err
}

// find returns the folder of a clean name, open until the next call.
func (t *tree) find(path string) (int, error) {
	if t.stale {
		t.leave(0)
		t.stale = false
	}
	if path == "." {
		return t.root, nil
	}
	for n := len(t.open); n > 0; n-- {
		f := t.open[n-1]
		if path == f.path {
			return f.fd, nil
		}
		if strings.HasPrefix(path, f.path) && path[len(f.path)] == '/' {
			break
		}
		t.leave(n - 1)
	}
	fd, err := t.resolve(path)
	if err == nil {
		t.keep(path, fd)
	}
	return fd, err
}

func (t *tree) keep(path string, fd int) {
	if len(t.open) == maxOpen {
		unix.Close(t.open[0].fd)
		t.open = append(t.open[:0], t.open[1:]...)
	}
	t.open = append(t.open, openFolder{path, fd})
}

// resolve opens a folder that exists, through links inside the layer.
func (t *tree) resolve(path string) (int, error) {
	if n := len(t.open); n > 0 {
		base := path[len(t.open[n-1].path)+1:]
		if strings.IndexByte(base, '/') < 0 {
			fd, err := openFolderAt(t.open[n-1].fd, base)
			if err != unix.ENOTDIR && err != unix.ELOOP {
				return fd, err
			}
		}
	}
	return openInRoot(t.root, path)
}

// makeFolder creates a folder that the archive implies without naming it. As
// with podman and docker, it is root's, of mode 0755.
func (t *tree) makeFolder(path string) (int, error) {
	dir, base := split(path)
	parent, err := t.enter(dir)
	if err != nil {
		return -1, err
	}
	err = retry(func() error { return unix.Mkdirat(parent, base, 0o755) })
	if err == unix.EEXIST {
		err = t.implyFolder(parent, path, base)
	}
	if err != nil {
		return -1, pathError("create folder", path, err)
	}
	fd, err := openFolderAt(parent, base)
	if err != nil {
		return -1, pathError("open folder", path, err)
	}
	return fd, chown(fd, ".", t, 0, 0)
}

var (
	errNotFolder = errors.New("an entry lies in it, but it is not a folder")
	errDangling  = errors.New("an entry lies in it, but it is a link to nowhere in this layer")
)

// implyFolder puts a folder where a whiteout is. Anything else stays.
func (t *tree) implyFolder(parent int, path, base string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(parent, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if isWhiteout(&st) {
		return t.replaceWhiteout(parent, path, base, 0o755)
	}
	if st.Mode&unix.S_IFMT == unix.S_IFLNK {
		return errDangling
	}
	return errNotFolder
}

// remove deletes what an entry replaces.
func (t *tree) remove(parent int, path, base string, isFolder bool) error {
	t.stale = true
	if !isFolder {
		return unix.Unlinkat(parent, base, 0)
	}
	if f := t.folders[path]; f != nil {
		f.removed = true
		delete(t.folders, path)
	}
	folder, err := os.Open(procPath(parent, "."))
	if err != nil {
		return err
	}
	defer folder.Close()
	return inside.RemoveAt(folder, base)
}

func openFolderAt(parent int, base string) (fd int, err error) {
	err = retry(func() error {
		fd, err = unix.Openat(parent, base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	return fd, err
}

func openInRoot(root int, path string) (fd int, err error) {
	return inside.OpenAt(root, path, unix.O_RDONLY|unix.O_DIRECTORY, unix.RESOLVE_NO_XDEV)
}

// retry repeats a system call that was interrupted.
func retry(call func() error) error {
	for {
		err := call()
		if err != unix.EINTR {
			return err
		}
	}
}

func pathError(op, path string, err error) error {
	switch err {
	case unix.EPERM:
		return fmt.Errorf("%s %s: %w (unpacking needs root)", op, path, err)
	default:
		return fmt.Errorf("%s %s: %w", op, path, err)
	}
}
