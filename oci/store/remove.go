package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Remove takes a name away from its image, or, given the digits of an image's
// ID or digest, all its names. An image without a name goes, as do the layers
// that no image has. It waits for additions that are under way.
func (s *Store) Remove(ctx context.Context, name string) error {
	lock, err := s.lock(ctx, lockExclusive)
	if err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	defer lock.Close()
	image, err := s.Image(name)
	if err != nil {
		return fmt.Errorf("remove %w", err)
	}
	if err := s.remove(image, name); err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

func (s *Store) remove(image *Image, name string) error {
	drop := image.Names
	if digest, err := s.named(name); err == nil && digest == image.Digest {
		drop = []string{name}
	}
	for _, name := range drop {
		if err := os.Remove(s.namePath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if len(drop) < len(image.Names) {
		return nil
	}
	if err := s.vanish(s.imagePath(image.Digest)); err != nil {
		return err
	}
	return s.collect()
}

// collect deletes the layers that no image has. The caller holds the lock
// exclusively.
func (s *Store) collect() error {
	images, err := s.loadAll()
	if err != nil {
		return err
	}
	used := make(map[string]bool)
	for _, image := range images {
		for _, diffID := range image.diffIDs {
			used[diffID.Hex] = true
		}
	}
	layers, err := os.ReadDir(s.path("layers"))
	if err != nil {
		return err
	}
	for _, l := range layers {
		if used[l.Name()] {
			continue
		}
		if err := s.vanish(s.layerPath(v1.Hash{Hex: l.Name()})); err != nil {
			return err
		}
	}
	return nil
}

// vanish deletes a folder so that it is there whole or not at all.
func (s *Store) vanish(dir string) error {
	w, err := s.claim(context.Background(), "gone-"+rand.Text())
	if err != nil {
		return err
	}
	if err := os.Rename(dir, filepath.Join(w.dir, "gone")); err != nil {
		w.release()
		return err
	}
	return w.release()
}
