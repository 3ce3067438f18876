// Package store keeps images and their unpacked layers below one folder:
//
//	version                      of this layout
//	layers/HEX/                  a layer, by the hex digits of its diff ID
//	images/HEX/manifest.json     an image, by those of its manifest's digest,
//	images/HEX/config.json       with manifest and configuration verbatim
//	proofs/HEX                   what proves that it may run: its signatures
//	names/HEX                    a name, by the SHA-256 of it: {"name": …, "image": …}
//	index                        which layers each image has, for whoever removes some
//	tmp/NAME/                    work under way, each folder locked by whoever works in it
//	lock                         held while an image is written or removed
//
// Everything is made in tmp, synced, and renamed into place, so that a power cut at any
// moment leaves the whole of a thing or none of it. Images whose manifest, configuration
// or layers are not whole do not exist. Any number of processes and goroutines may use
// one store at the same time: whoever relies on a layer or an image holds a shared lock
// on its folder, and whoever removes it needs an exclusive lock.
//
// An image's folder has the time of its last use, and the file lock that of the
// last use of any.
package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/durable"
)

// ErrNotFound is what errors wrap about an image that the store does not have.
var ErrNotFound = errors.New("no such image in the store")

// Store is the images and layers below one folder, and those of the read-only
// stores that were attached to it.
type Store struct {
	folders
	attached attachments
}

// Open opens the store in the folder root, makes it if it does not exist, and
// deletes what work that was cut short left in it.
func Open(root string) (*Store, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	s := &Store{folders: folders{root}}
	durable.NeedRoom(root)
	if err := s.make(); err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	durable.Sweep(s.path("tmp"), nil)
	return s, nil
}

// make makes the store's folders. Anything else in the place of a folder is removed.
func (s *Store) make() error {
	// set-user-ID programs of images are no business of the host's users.
	if err := os.MkdirAll(s.root, 0o700); err != nil {
		return err
	}
	if err := s.checkVersion(); err != nil {
		return err
	}
	for _, name := range []string{"tmp", "layers", "images", "names", "proofs"} {
		err := os.Mkdir(s.path(name), 0o755)
		if errors.Is(err, fs.ErrExist) && !isFolder(s.path(name)) {
			if err = os.Remove(s.path(name)); err == nil {
				err = os.Mkdir(s.path(name), 0o755)
			}
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return s.writeVersion()
}

// Root returns the store's folder, absolute.
func (s *Store) Root() string { return s.root }

// sync writes all of the store's file system to its disk.
func (s *Store) sync() error { return durable.Sync(s.root) }

// lock takes the store's lock, as soon as nobody else holds it.
func (s *Store) lock(ctx context.Context) (*os.File, error) {
	return durable.Lock(ctx, s.path("lock"))
}

// scratch returns a workspace of its own.
func (s *Store) scratch() (*durable.Workspace, error) { return durable.Scratch(s.path("tmp")) }

func isFolder(path string) bool {
	st, err := os.Lstat(path)
	return err == nil && st.IsDir()
}
