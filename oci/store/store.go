// Package store keeps images and their unpacked layers below one folder:
//
//	layers/HEX/                  a layer, by the hex digits of its diff ID
//	images/HEX/manifest.json     an image, by those of its manifest's digest,
//	images/HEX/config.json       with manifest and configuration verbatim
//	names/HEX                    a name, by the SHA-256 of it: {"name": …, "image": …}
//	tmp/NAME/                    work under way, each folder locked by who works in it
//	lock                         shared by who adds images, exclusive for who removes them
//
// Everything is made in tmp, synced, and renamed into place, so that a power
// cut at any moment leaves the whole of a thing or none of it. Images whose
// manifest, configuration or layers are not whole do not exist. Any number of
// processes and goroutines may use one store at the same time.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrNotFound is what errors wrap about an image that the store does not have.
var ErrNotFound = errors.New("no such image in the store")

// Store is the images and layers below one folder.
type Store struct {
	root    string
	durable bool // the file system outlives the machine's power
}

// Open opens the store in the folder root, makes it where there is none, and
// deletes what work that was cut short left in it.
func Open(root string) (*Store, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	s := &Store{root: root}
	// set-user-ID programs of images are no business of the host's users.
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	for _, dir := range []string{"layers", "images", "names", "tmp"} {
		if err := os.Mkdir(s.path(dir), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("open image store: %w", err)
		}
	}
	if s.durable, err = isDurable(root); err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("open image store: %w", err)
	}
	return s, nil
}

// Root returns the store's folder, absolute.
func (s *Store) Root() string { return s.root }

func (s *Store) path(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

// isDurable tells whether syncing means anything to the file system of path.
func isDurable(path string) (bool, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return false, fmt.Errorf("statfs %s: %w", path, err)
	}
	return st.Type != unix.TMPFS_MAGIC && st.Type != unix.RAMFS_MAGIC, nil
}

// sync writes all of the store's file system to its disk.
func (s *Store) sync() error {
	if !s.durable {
		return nil
	}
	dir, err := os.Open(s.root)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return fmt.Errorf("sync %s: %w", s.root, err)
	}
	return nil
}
