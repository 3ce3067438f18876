// Package volume keeps volumes: named folders that outlive the containers which they
// are given to and, on a disk, the machine's power. Below one folder there is
//
//	NAME/data/         what the volume holds
//	NAME/volume.json   its Metadata
//	.work/             volumes that are being made or removed, each in a folder that is locked
//	.lock              held while one is made or removed
//
// A volume is made in .work, synced, and renamed into place; it is removed by renaming it
// to there first. So a power cut at any moment leaves the whole of a volume or none of it,
// and what is left in .work is deleted when the store is opened next.
package volume

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bootrc/kit/durable"
)

// ErrNotFound is what errors wrap about a volume that is not there.
var ErrNotFound = errors.New("no such volume")

// ErrDamaged is what errors wrap about a volume whose metadata cannot be read. Its files
// can be used: only when it expires, and its labels, are not known.
var ErrDamaged = errors.New("damaged")

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
	durable.NeedRoom(root)
	// what containers keep is no business of the host's users
	if err := os.MkdirAll(s.path(workFolder), 0o700); err != nil {
		return nil, fmt.Errorf("open volumes: %w", err)
	}
	durable.Sweep(s.path(workFolder), nil)
	return s, nil
}

func (s *Store) path(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

// lock returns when nobody else makes or removes a volume. Closing the file releases it,
// as does the end of the process.
func (s *Store) lock() (*os.File, error) {
	return durable.Lock(context.Background(), s.path(lockFile))
}

// scratch returns a workspace for a volume that is being made or removed.
func (s *Store) scratch() (*durable.Workspace, error) { return durable.Scratch(s.path(workFolder)) }
