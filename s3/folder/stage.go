package folder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"bootrc/s3/tree"

	"golang.org/x/sys/unix"
)

// batchFiles and batchBytes are how much waits for one sync of the file system:
// a sync for every small file would take longer than to fetch it.
const (
	batchFiles = 256
	batchBytes = 64 << 20
)

// Stage takes downloads into a folder. They grow in a folder of their own below
// it, get their attributes, are synced, and only then renamed into place, so
// that a crash leaves no file that is not whole.
type Stage struct {
	folder *Folder
	name   string
	dir    *os.File // locked while this process lives
	next   atomic.Uint64

	mu      sync.Mutex
	waiting []Staged
	bytes   int64
	failed  func(name string, err error)
	placed  func(tree.Entry)
}

// Staged is a file on its way.
type Staged struct {
	*os.File
	temporary string
	entry     tree.Entry
}

// NewStage begins, and removes what crashed downloads have left. As files come
// into place, placed is told; failed is told of those that cannot.
func NewStage(f *Folder, placed func(tree.Entry), failed func(name string, err error)) (*Stage, error) {
	if err := removeStale(f); err != nil {
		return nil, fmt.Errorf("remove unfinished downloads in %s: %w", f.Path, err)
	}
	s := &Stage{folder: f, name: stagePrefix + rand.Text()[:12], placed: placed, failed: failed}
	if err := unix.Mkdirat(int(f.dir.Fd()), s.name, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for downloads in %s: %w", f.Path, err)
	}
	fd, err := f.openBelow(s.name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	s.dir = os.NewFile(uintptr(fd), s.name)
	return s, unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
}

// removeStale removes the stages of processes that are gone: what they had
// locked is free.
func removeStale(f *Folder) error {
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, stagePrefix) {
			continue
		}
		fd, err := f.openBelow(name, unix.O_RDONLY|unix.O_DIRECTORY)
		if err != nil {
			continue
		}
		if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) == nil {
			err = root.RemoveAll(name)
		}
		unix.Close(fd)
		if err != nil {
			return err
		}
	}
	return nil
}

// Create begins a file of so many bytes. The space is reserved, where the file
// system can.
func (s *Stage) Create(size int64) (*Staged, error) {
	temporary := fmt.Sprint(s.next.Add(1))
	fd, err := unix.Openat(int(s.dir.Fd()), temporary, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o666)
	if err != nil {
		return nil, err
	}
	file := &Staged{File: os.NewFile(uintptr(fd), temporary), temporary: temporary}
	if size > 0 {
		err := unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, 0, size)
		if err == unix.ENOSPC || err == unix.EFBIG || err == unix.EDQUOT {
			s.Discard(file)
			return nil, fmt.Errorf("reserve %d bytes: %w", size, err)
		}
	}
	return file, nil
}

// Discard gives a file up.
func (s *Stage) Discard(file *Staged) {
	file.Close()
	unix.Unlinkat(int(s.dir.Fd()), file.temporary, 0)
}

// Commit ends a file: it gets the entry's attributes, and its place and name,
// with the next batch.
func (s *Stage) Commit(file *Staged, e tree.Entry) error {
	err := setAttributes(int(s.dir.Fd()), file.temporary, e)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		s.Discard(file)
		return err
	}
	file.entry = e
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, *file)
	s.bytes += e.Size
	if len(s.waiting) < batchFiles && s.bytes < batchBytes {
		return nil
	}
	return s.flush()
}

// Flush puts all that waits into its place.
func (s *Stage) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flush()
}

func (s *Stage) flush() error {
	if len(s.waiting) == 0 {
		return nil
	}
	if err := unix.Syncfs(int(s.dir.Fd())); err != nil {
		return fmt.Errorf("sync %s: %w", s.folder.Path, err)
	}
	for _, file := range s.waiting {
		if err := s.place(file); err != nil {
			unix.Unlinkat(int(s.dir.Fd()), file.temporary, 0)
			s.failed(file.entry.Name, err)
			continue
		}
		s.placed(file.entry)
	}
	s.waiting, s.bytes = s.waiting[:0], 0
	return nil
}

func (s *Stage) place(file Staged) error {
	name := file.entry.Name
	rename := func(parent int, base string) error {
		return unix.Renameat(int(s.dir.Fd()), file.temporary, parent, base)
	}
	err := s.folder.in(name, "put in place", rename)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.folder.MakeFolder(path.Dir(name)); err != nil {
			return err
		}
		err = s.folder.in(name, "put in place", rename)
	}
	return err
}

// Link makes a symbolic link, or another name for a file, in place of whatever
// file has the name.
func (s *Stage) Link(e tree.Entry) error {
	temporary := fmt.Sprint(s.next.Add(1))
	stage := int(s.dir.Fd())
	err := s.makeLink(stage, temporary, e)
	if err == nil && e.Kind == tree.Link {
		err = setAttributes(stage, temporary, e)
	}
	if err == nil {
		err = s.place(Staged{temporary: temporary, entry: e})
	}
	// also where both were names of one file already: rename(2) does nothing then
	unix.Unlinkat(stage, temporary, 0)
	return err
}

func (s *Stage) makeLink(stage int, temporary string, e tree.Entry) error {
	if e.Kind == tree.Link {
		return unix.Symlinkat(e.Attributes.Target, stage, temporary)
	}
	return s.folder.in(e.Attributes.Target, "link to", func(parent int, base string) error {
		return unix.Linkat(parent, base, stage, temporary, 0)
	})
}

// Close removes the stage, with what has not come into place. What has is on
// the disk when Close returns without an error.
func (s *Stage) Close() error {
	err := s.Flush()
	for _, file := range s.waiting {
		unix.Unlinkat(int(s.dir.Fd()), file.temporary, 0)
	}
	err = errors.Join(err, unix.Unlinkat(int(s.folder.dir.Fd()), s.name, unix.AT_REMOVEDIR))
	err = errors.Join(err, unix.Syncfs(int(s.folder.dir.Fd())))
	return errors.Join(err, s.dir.Close())
}
