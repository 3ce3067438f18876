// Package volume keeps volumes: named folders that outlive the containers which they
// are given to and, on a disk, the machine's power. Below one folder there is
//
//	NAME/data/         what the volume holds
//	NAME/volume.json   its Metadata
//	.work/             volumes that are being made or removed
//	.lock              held by who makes or removes one
//
// A volume is made in .work, synced, and renamed into place; it is removed by renaming it
// to there first. So a power cut at any moment leaves the whole of a volume or none of it,
// and what is left in .work is deleted when the store is opened next.
package volume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrNotFound is what errors wrap about a volume that is not there.
var ErrNotFound = errors.New("no such volume")

const (
	workFolder = ".work"
	lockFile   = ".lock"
)

// Store is the volumes below one folder. Any number of processes and goroutines may use
// one at the same time.
type Store struct{ root string }

// Open opens the store in the folder root, makes it if it does not exist, and deletes what
// work that was cut short left in it.
func Open(root string) (*Store, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open volumes: %w", err)
	}
	s := &Store{root: root}
	// what containers keep is no business of the host's users
	if err := os.MkdirAll(s.path(workFolder), 0o700); err != nil {
		return nil, fmt.Errorf("open volumes: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("open volumes: %w", err)
	}
	return s, nil
}

func (s *Store) path(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

// lock returns when nobody else makes or removes a volume. Closing the file releases it,
// as does the end of the process.
func (s *Store) lock() (*os.File, error) {
	f, err := os.OpenFile(s.path(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if err == nil {
			return f, nil
		}
		if err != unix.EINTR {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
	}
}

// sweep deletes what is in the work folder. Volumes are made there under the lock; those
// that another process is deleting may as well be deleted by two.
func (s *Store) sweep() error {
	lock, err := s.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	entries, err := os.ReadDir(s.path(workFolder))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(s.path(workFolder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder writes a folder's entries to the disk.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}
