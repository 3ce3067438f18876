package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"bootrc/test/machine"

	"golang.org/x/sys/unix"
)

// copied is a work folder that goes to the machine as an archive on one disk, and comes back on another.
type copied struct {
	folder string
	back   string           // the file of the second disk
	sent   map[string]stamp // by the name in the archive
}

// stamp is by what a changed file is known: what is in an archive of it.
type stamp struct {
	kind byte
	size int64
	mode int64
	link string
	time time.Time
}

func stampOf(h *tar.Header) stamp {
	return stamp{h.Typeflag, h.Size, h.Mode, h.Linkname, h.ModTime.Round(time.Second)}
}

// backSize is that of the second disk, which takes no more room than what is written to it.
const backSize = 1 << 40

// pack makes the two disks.
func (c *copied) pack(work string) ([]machine.Disk, error) {
	to := filepath.Join(work, "work.tar")
	f, err := os.Create(to)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := tar.NewWriter(f)
	c.sent = make(map[string]stamp)
	err = filepath.WalkDir(c.folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(c.folder, file)
		if err != nil || name == "." {
			return err
		}
		return c.send(t, file, name)
	})
	if err = errors.Join(err, t.Close()); err != nil {
		return nil, err
	}
	if err := os.WriteFile(c.back, nil, 0o600); err != nil {
		return nil, err
	}
	return []machine.Disk{{Name: "bootrc-work", File: to, ReadOnly: true}, {Name: "bootrc-back", File: c.back}},
		os.Truncate(c.back, backSize)
}

// send writes one file; what is neither a file, a folder nor a link stays here.
func (c *copied) send(t *tar.Writer, file, name string) error {
	info, err := os.Lstat(file)
	if err != nil {
		return err
	}
	target := ""
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		if target, err = os.Readlink(file); err != nil {
			return err
		}
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	header.Name, header.Uid, header.Gid, header.Uname, header.Gname = name, 0, 0, "", ""
	if err := t.WriteHeader(header); err != nil {
		return err
	}
	c.sent[name] = stampOf(header)
	if !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(t, f, header.Size)
	return err
}

// takeBack writes to the folder what the machine has changed. Nothing in its archive leads out of the folder.
func (c *copied) takeBack() error {
	f, err := os.Open(c.back)
	if err != nil {
		return err
	}
	defer f.Close()
	root, err := os.OpenRoot(c.folder)
	if err != nil {
		return err
	}
	defer root.Close()
	there := make(map[string]bool)
	for t := tar.NewReader(f); ; {
		h, err := t.Next()
		if err == io.EOF && len(there) > 0 {
			return c.removeOthers(root, there)
		}
		if err != nil {
			return fmt.Errorf("the machine did not bring the work folder back whole, %s is as far as it came: %w", c.folder, err)
		}
		name := path.Clean(h.Name)
		there[name] = true
		if name == "." || c.sent[name] == stampOf(h) && h.Typeflag != tar.TypeLink {
			continue
		}
		if err := receive(root, name, h, t); err != nil {
			return fmt.Errorf("%s: %w", c.folder, err)
		}
	}
}

// receive makes one file what the archive says.
func receive(root *os.Root, name string, h *tar.Header, content io.Reader) error {
	mode := h.FileInfo().Mode().Perm()
	if h.Typeflag == tar.TypeDir {
		if info, err := root.Lstat(name); err == nil && info.IsDir() {
			return root.Chmod(name, mode)
		}
	}
	if err := root.RemoveAll(name); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return root.Mkdir(name, mode)
	case tar.TypeSymlink:
		return root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		return root.Link(path.Clean(h.Linkname), name)
	case tar.TypeReg:
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, content)
		return errors.Join(err, f.Close(), root.Chtimes(name, h.ModTime, h.ModTime))
	}
	return nil
}

// removeOthers removes what the machine was sent and did not bring back.
func (c *copied) removeOthers(root *os.Root, there map[string]bool) error {
	var gone []string
	for name := range c.sent {
		if !there[name] {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	var failed []error
	for _, name := range slices.Backward(gone) { // a folder comes behind what is in it, and may be something else by now
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
