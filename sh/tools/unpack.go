package tools

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// unpacking puts the members of an archive into a folder, and nowhere else,
// whatever the archive says: os.Root resolves every name.
type unpacking struct {
	root    *os.Root
	owner   bool          // give files to whom the archive says
	folders []*tar.Header // whose mode and times wait until they are filled
}

func newUnpacking(dir string) (*unpacking, error) {
	root, err := os.OpenRoot(dir)
	return &unpacking{root: root, owner: os.Geteuid() == 0}, err
}

func (u *unpacking) unpack(h *tar.Header, content io.Reader) error {
	name := strings.TrimLeft(filepath.Clean(h.Name), "/")
	if name == "" {
		name = "."
	}
	if h.Typeflag == tar.TypeDir {
		u.folders = append(u.folders, h)
		return u.root.MkdirAll(name, 0o755)
	}
	if err := u.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := u.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := u.make(name, h, content); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeLink {
		return nil
	}
	return u.dress(name, h)
}

func (u *unpacking) make(name string, h *tar.Header, content io.Reader) error {
	switch h.Typeflag {
	case tar.TypeReg:
		f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, content)
		return errors.Join(err, f.Close())
	case tar.TypeSymlink:
		return u.root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		return u.root.Link(strings.TrimLeft(filepath.Clean(h.Linkname), "/"), name)
	case tar.TypeFifo:
		return u.node(name, unix.S_IFIFO, 0)
	case tar.TypeChar:
		return u.node(name, unix.S_IFCHR, unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))
	case tar.TypeBlock:
		return u.node(name, unix.S_IFBLK, unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))
	}
	return fmt.Errorf("type %q is unknown", h.Typeflag)
}

func (u *unpacking) node(name string, kind uint32, device uint64) error {
	dir, err := u.root.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := unix.Mknodat(int(dir.Fd()), filepath.Base(name), kind|0o600, int(device)); err != nil {
		return &os.PathError{Op: "mknod", Path: name, Err: err}
	}
	return nil
}

// dress sets owner, mode and time, in that order: a change of owner clears the
// set-user-ID bit.
func (u *unpacking) dress(name string, h *tar.Header) error {
	if u.owner {
		if err := u.root.Lchown(name, h.Uid, h.Gid); err != nil {
			return err
		}
	}
	if h.Typeflag == tar.TypeSymlink {
		return nil
	}
	if err := u.root.Chmod(name, h.FileInfo().Mode()&(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky)); err != nil {
		return err
	}
	return u.root.Chtimes(name, time.Time{}, h.ModTime)
}

// finish dresses the folders, the deepest first.
func (u *unpacking) finish() error {
	for i := len(u.folders) - 1; i >= 0; i-- {
		name := strings.TrimLeft(filepath.Clean(u.folders[i].Name), "/")
		if name == "" || name == "." {
			continue
		}
		if err := u.dress(name, u.folders[i]); err != nil {
			return err
		}
	}
	return nil
}
