package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"bootrc/kit/compression"
	"bootrc/kit/regular"
	"bootrc/oci/layer"
)

// tarball is a layout in a tar archive. It is not unpacked: members of a plain
// archive are read where they lie. A compressed one is decompressed anew, up to
// the member, for each that is opened, which costs time but no space.
type tarball struct {
	path    string
	file    *os.File
	packed  bool
	members map[string]member
}

type member struct {
	at, size int64  // of the content, in the archive
	link     string // the member that this one is a link to
}

// maxMembers bounds what is kept of an archive's members: an image has some for each of its layers.
const maxMembers = 100_000

// maxLinks bounds chains of links between members.
const maxLinks = 8

func openTarball(path string) (*tarball, error) {
	file, err := regular.OpenOrDisk(path)
	if err != nil {
		return nil, err
	}
	a := &tarball{path: path, file: file, members: make(map[string]member)}
	if err := a.index(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func (a *tarball) close() error { return a.file.Close() }

// index notes where members are.
func (a *tarball) index() error {
	r, err := a.rewind()
	if err != nil {
		return err
	}
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		m := member{size: h.Size}
		switch h.Typeflag {
		case tar.TypeReg:
		case tar.TypeSymlink:
			m.link = path.Join(path.Dir(h.Name), h.Linkname)
		case tar.TypeLink:
			m.link = path.Clean(h.Linkname)
		default:
			continue
		}
		// in a plain archive, the file stands at the content now.
		if m.at, err = a.file.Seek(0, io.SeekCurrent); err != nil {
			return err
		}
		if a.members[path.Clean(h.Name)] = m; len(a.members) > maxMembers {
			return fmt.Errorf("it has more than the %d members allowed", maxMembers)
		}
	}
	if len(a.members) == 0 {
		return errors.New("no archive of an image, or an empty one")
	}
	return nil
}

// rewind returns the archive from its beginning, decompressed.
func (a *tarball) rewind() (io.Reader, error) {
	var head [compression.Head]byte
	n, err := a.file.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if a.packed = compression.Of(head[:n]) != compression.None; a.packed {
		return layer.Decompress(a.file), nil
	}
	return a.file, nil // as it is, so that archive/tar can seek in it
}

func (a *tarball) open(name string) (io.ReadCloser, int64, error) {
	name = path.Clean(name)
	for range maxLinks {
		m, ok := a.members[name]
		if !ok {
			return nil, 0, fmt.Errorf("%s: %s: %w", a.path, name, fs.ErrNotExist)
		}
		if m.link != "" {
			name = m.link
			continue
		}
		if a.packed {
			return a.openPacked(name, m.size)
		}
		return io.NopCloser(io.NewSectionReader(a.file, m.at, m.size)), m.size, nil
	}
	return nil, 0, fmt.Errorf("%s: %s: links in circles", a.path, name)
}

// openPacked reads through an archive of its own, as several members may be open.
func (a *tarball) openPacked(name string, size int64) (io.ReadCloser, int64, error) {
	file, err := regular.OpenOrDisk(a.path)
	if err != nil {
		return nil, 0, err
	}
	own := &tarball{path: a.path, file: file}
	r, err := own.rewind()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err != nil {
			file.Close()
			return nil, 0, fmt.Errorf("%s: %s: %w", a.path, name, err)
		}
		if path.Clean(h.Name) == name && h.Typeflag == tar.TypeReg {
			return readCloser{t, file}, size, nil
		}
	}
}

type readCloser struct {
	io.Reader
	io.Closer
}
