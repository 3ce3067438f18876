package folder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"

	"bootrc/kit/durable"
	"bootrc/s3/tree"

	"golang.org/x/sys/unix"
)

const (
	// batchFiles and batchBytes are how much waits for one sync of the file system:
	// a sync for every small file would take longer than to fetch it.
	batchFiles = 256
	batchBytes = 64 << 20
	// largeSize is from when on a file is synced by itself, and its content is
	// sent to the disk as it comes.
	largeSize = 16 << 20
	// block is how much of it is sent at a time.
	block = 4 << 20
)

// Stage takes downloads into a folder. They grow in a folder of their own below
// it, get their attributes, are synced, and only then renamed into place, so
// that a crash leaves no file that is not whole.
type Stage struct {
	folder *Folder
	space  *durable.Workspace // nil until there is something to download
	next   atomic.Uint64
	failed func(name string, err error)
	placed func(tree.Entry)

	mu      sync.Mutex
	waiting []*Staged
	bytes   int64
	full    chan struct{} // tells that a batch is waiting
	placing sync.Mutex    // held while a batch gets its place
	done    sync.WaitGroup
	err     error // what kept a batch from being synced
}

// Staged is a file on its way.
type Staged struct {
	*os.File
	temporary string
	size      int64
	entry     tree.Entry
}

// WriteAt writes, and has the disk begin with each block of a large file when it
// is complete: there is less to wait for in the end.
func (s *Staged) WriteAt(b []byte, offset int64) (int, error) {
	n, err := s.File.WriteAt(b, offset)
	end := offset + int64(n)
	if s.size >= largeSize && offset/block != end/block {
		from := offset / block * block
		unix.SyncFileRange(int(s.Fd()), from, end/block*block-from, unix.SYNC_FILE_RANGE_WRITE)
	}
	return n, err
}

// NewStage begins, and removes what crashed downloads have left. As files come
// into place, placed is told; failed is told of those that cannot.
func NewStage(f *Folder, placed func(tree.Entry), failed func(name string, err error)) (*Stage, error) {
	if err := removeStale(f); err != nil {
		return nil, fmt.Errorf("remove unfinished downloads in %s: %w", f.Path, err)
	}
	s := &Stage{folder: f, placed: placed, failed: failed, full: make(chan struct{}, 1)}
	s.done.Go(func() {
		for range s.full {
			s.Flush() // its error is kept
		}
	})
	return s, nil
}

// open makes the stage when the first file comes: where nothing is to be
// downloaded, nothing changes.
func (s *Stage) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.space != nil {
		return nil
	}
	space, err := durable.Claim(context.Background(), s.folder.inside(stagePrefix+rand.Text()[:12]))
	if err != nil {
		return fmt.Errorf("make a folder for downloads in %s: %w", s.folder.Path, err)
	}
	s.space = space
	return nil
}

// dir returns the descriptor of the stage's folder.
func (s *Stage) dir() int { return int(s.space.Folder().Fd()) }

// Create begins a file of so many bytes. The space is reserved, where the file
// system can.
func (s *Stage) Create(size int64) (*Staged, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	temporary := fmt.Sprint(s.next.Add(1))
	fd, err := unix.Openat(s.dir(), temporary, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o666)
	if err != nil {
		return nil, err
	}
	file := &Staged{File: os.NewFile(uintptr(fd), temporary), temporary: temporary, size: size}
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
	unix.Unlinkat(s.dir(), file.temporary, 0)
}

// Commit ends a file: it gets the entry's attributes, and its place and name: a
// large one now, small ones with the next batch.
func (s *Stage) Commit(file *Staged, e tree.Entry) error {
	file.entry = e
	err := setAttributes(int(file.Fd()), e)
	large := file.size >= largeSize
	if err == nil && large {
		err = file.Sync()
	}
	if err == nil {
		err = file.Close()
	}
	if err == nil && large {
		err = s.place(file)
	}
	switch {
	case err != nil:
		s.Discard(file)
		return err
	case large:
		s.placed(e)
		return nil
	}
	return s.wait(file)
}

// wait leaves a file to the next batch. While one is being synced, the next
// gathers; where that is full, too, its files come no faster than the disk takes
// them.
func (s *Stage) wait(file *Staged) error {
	s.mu.Lock()
	s.waiting = append(s.waiting, file)
	s.bytes += file.size
	full := len(s.waiting) >= batchFiles || s.bytes >= batchBytes
	overfull := len(s.waiting) >= 8*batchFiles || s.bytes >= 2*batchBytes
	err := s.err
	s.mu.Unlock()
	if overfull {
		return s.Flush()
	}
	if full {
		select {
		case s.full <- struct{}{}:
		default:
		}
	}
	return err
}

// Flush puts all that waits into its place. Its error is what kept this batch, or
// one before, from being synced.
func (s *Stage) Flush() error {
	s.placing.Lock()
	defer s.placing.Unlock()
	s.mu.Lock()
	batch := s.waiting
	s.waiting, s.bytes = nil, 0
	err := s.err
	s.mu.Unlock()
	if len(batch) == 0 {
		return err
	}
	if err == nil {
		err = durable.SyncAll(s.folder.dir)
	}
	for _, file := range batch {
		s.finish(file, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	return err
}

// finish puts a file into its place, unless it could not be synced.
func (s *Stage) finish(file *Staged, err error) {
	if err == nil {
		err = s.place(file)
	}
	if err != nil {
		unix.Unlinkat(s.dir(), file.temporary, 0)
		s.failed(file.entry.Name, err)
		return
	}
	s.placed(file.entry)
}

func (s *Stage) place(file *Staged) error {
	name := file.entry.Name
	rename := func(parent int, base string) error {
		return unix.Renameat(s.dir(), file.temporary, parent, base)
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
	if err := s.open(); err != nil {
		return err
	}
	temporary := fmt.Sprint(s.next.Add(1))
	stage := s.dir()
	err := s.makeLink(stage, temporary, e)
	if err == nil && e.Kind == tree.Link {
		err = setAttributesAt(stage, temporary, e)
	}
	if err == nil {
		err = s.place(&Staged{temporary: temporary, entry: e})
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

// Close removes the stage. What has come into place is on the disk when Close
// returns without an error.
func (s *Stage) Close() error {
	close(s.full)
	s.done.Wait()
	err := s.Flush()
	if s.space == nil {
		return err
	}
	return errors.Join(err, s.space.Release(), durable.SyncAll(s.folder.dir))
}
