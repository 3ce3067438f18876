package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bootrc/kit/durable"
	"bootrc/kit/inside"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// ErrInUse is what errors wrap about an image that a container runs from.
var ErrInUse = errors.New("a container uses it")

// Remove takes a name away from its image, or, given the digits of an image's
// ID or digest, all its names. An image without a name goes, as do the layers
// that no image has. One in use stays, with an error that wraps ErrInUse.
func (s *Store) Remove(ctx context.Context, name string) error {
	image, err := s.Image(name)
	if err != nil {
		return fmt.Errorf("remove %w", err)
	}
	if image.ReadOnly {
		return fmt.Errorf("remove %s: it is in a store that cannot be written", name)
	}
	r, err := s.removal(ctx)
	if err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	err = r.remove(name, image.Digest)
	if err = errors.Join(err, r.end()); err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// removal is images and layers on their way out of the store, which is locked.
// They leave their places at once, and are deleted in the end. It needs no space
// on a disk that is full.
type removal struct {
	s         *Store
	lock      *os.File
	inventory inventory
	gone      []string // paths in tmp
}

func (s *Store) removal(ctx context.Context) (*removal, error) {
	lock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	inventory, err := s.inventory()
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &removal{s: s, lock: lock, inventory: inventory}, nil
}

// end unlocks the store and deletes what was taken out of it.
func (r *removal) end() error {
	r.lock.Close()
	return r.flush()
}

// flush deletes what was taken out, once it is out of its place for good.
func (r *removal) flush() error {
	if len(r.gone) == 0 {
		return nil
	}
	err := r.s.sync()
	for _, path := range r.gone {
		err = errors.Join(err, inside.RemoveAll(path))
	}
	r.gone = nil
	return err
}

// take moves a file or folder out of its place.
func (r *removal) take(path string) error {
	gone := r.s.path("tmp", "gone-"+rand.Text())
	err := os.Rename(path, gone)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		r.gone = append(r.gone, gone)
	}
	return err
}

// remove removes one name, and the image with the last one.
func (r *removal) remove(name string, digest v1.Hash) error {
	file := filepath.Base(r.s.namePath(name))
	names := r.names(digest)
	if len(names) > 1 && slices.Contains(names, file) {
		return os.Remove(r.s.path("names", file))
	}
	return r.image(digest)
}

// names returns the files of the image's names.
func (r *removal) names(image v1.Hash) []string {
	e := r.inventory[image.Hex]
	if e == nil {
		return nil
	}
	var names []string
	for _, file := range e.names {
		if n, err := readName(r.s.path("names", file)); err != nil || n.Image == image {
			names = append(names, file)
		}
	}
	return names
}

// image removes an image, its names and the layers that no other has.
func (r *removal) image(digest v1.Hash) error {
	path := r.s.imagePath(digest)
	f, err := durable.HoldAlone(path)
	if err != nil {
		return err
	}
	if f == nil {
		return fmt.Errorf("image %s: %w", digest, ErrInUse)
	}
	defer f.Close()
	for _, file := range r.names(digest) {
		if err := os.Remove(r.s.path("names", file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := r.take(path); err != nil {
		return err
	}
	delete(r.inventory, digest.Hex)
	return r.collect()
}

// collect takes out the layers that no image has, and images that are not whole.
func (r *removal) collect() error {
	count := r.inventory.layers()
	err := r.each("layers", func(name, path string) error {
		if count[name] > 0 {
			return nil
		}
		return r.takeUnheld(path)
	})
	if err != nil {
		return err
	}
	err = r.each("images", func(name, path string) error {
		if r.inventory[name] != nil {
			return nil
		}
		return r.takeUnheld(path)
	})
	if err != nil {
		return err
	}
	return r.collectProofs()
}

func (r *removal) each(folder string, do func(name, path string) error) error {
	entries, err := os.ReadDir(r.s.path(folder))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := do(entry.Name(), r.s.path(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// takeUnheld takes out what nobody relies on.
func (r *removal) takeUnheld(path string) error {
	if !isFolder(path) {
		return r.take(path)
	}
	f, err := durable.HoldAlone(path)
	if f == nil {
		return err
	}
	defer f.Close()
	return r.take(path)
}
