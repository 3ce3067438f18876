package store

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image finds an image by one of its names as Finish got it, or by the first digits of
// its ID or of its digest, with or without "sha256:". A name comes before digits, and
// this store before those attached to it. The error wraps ErrNotFound if there is no such
// image, or none that is whole.
func (s *Store) Image(name string) (*Image, error) {
	image, err := s.byName(name)
	if errors.Is(err, ErrNotFound) {
		if digits := strings.TrimPrefix(name, "sha256:"); isHexPrefix(digits) {
			image, err = s.byDigits(digits)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return image, nil
}

// Named finds an image by one of its names alone.
func (s *Store) Named(name string) (*Image, error) {
	image, err := s.byName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return image, nil
}

func (s *Store) byName(name string) (*Image, error) {
	failure := ErrNotFound
	for _, from := range s.readStores() {
		digest, err := from.named(name)
		if err == nil {
			var image *Image
			if image, err = s.load(digest); err == nil {
				return image, nil
			}
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		if failure == ErrNotFound {
			failure = err
		}
	}
	return nil, failure
}

// byDigits finds the one image whose ID or digest begins so.
func (s *Store) byDigits(digits string) (*Image, error) {
	found, err := s.ownByDigits(digits)
	if err != nil {
		return nil, err
	}
	for _, from := range s.attached.all() {
		images, err := s.loadAll(from, digits)
		if err != nil {
			return nil, err
		}
		found = append(found, images...)
	}
	switch {
	case len(found) == 0:
		return nil, ErrNotFound
	case len(found) > 1 && !sameID(found):
		return nil, fmt.Errorf("%d images begin so, among them %s and %s", len(found), found[0].ID, found[1].ID)
	}
	return found[0], nil
}

// ownByDigits returns the images of this store alone.
func (s *Store) ownByDigits(digits string) ([]*Image, error) {
	inventory, err := s.inventory()
	if err != nil {
		return nil, err
	}
	var found []*Image
	for hex, entry := range inventory {
		if !strings.HasPrefix(hex, digits) && !strings.HasPrefix(entry.id, digits) {
			continue
		}
		image, err := s.loadFrom(s.folders, v1.Hash{Algorithm: "sha256", Hex: hex})
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, image)
	}
	return found, nil
}

// sameID tells whether the images are one, in manifests that differ in how its
// layers were compressed.
func sameID(images []*Image) bool {
	for _, image := range images {
		if image.ID != images[0].ID {
			return false
		}
	}
	return true
}

// Images returns all images that are whole, in the order of their names, those of
// attached stores last.
func (s *Store) Images() ([]*Image, error) {
	var all []*Image
	for _, from := range s.readStores() {
		images, err := s.list(from)
		if err != nil {
			return nil, fmt.Errorf("list images: %w", err)
		}
		all = append(all, images...)
	}
	return all, nil
}

// list returns a store's images with their names and times.
func (s *Store) list(from readStore) ([]*Image, error) {
	images, err := s.loadAll(from, "")
	if err != nil {
		return nil, err
	}
	names, err := from.names()
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		image.Names = names[image.Digest]
		if !image.ReadOnly {
			image.Used = s.used(image.Digest)
		}
	}
	sort.SliceStable(images, func(i, j int) bool {
		return strings.Join(images[i].Names, " ") < strings.Join(images[j].Names, " ")
	})
	return images, nil
}

// loadAll reads the images of a store that are whole and begin with these digits.
func (s *Store) loadAll(from readStore, digits string) ([]*Image, error) {
	digests, err := from.digests(digits)
	if err != nil {
		return nil, err
	}
	var images []*Image
	for _, digest := range digests {
		image, err := s.loadFrom(from, digest)
		if errors.Is(err, ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		images = append(images, image)
	}
	return images, nil
}
