package store

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image finds an image by one of its names as Finish got it, or by the first
// digits of its ID or of its digest, with or without "sha256:". A name comes
// before digits. The error wraps ErrNotFound where the store has none, and none
// that is whole.
func (s *Store) Image(name string) (*Image, error) {
	digest, err := s.named(name)
	if errors.Is(err, ErrNotFound) {
		digest, err = s.byDigits(name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	image, err := s.load(digest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	names, err := s.names()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	image.Names = names[image.Digest]
	return image, nil
}

// byDigits finds the one image whose ID or digest begins so.
func (s *Store) byDigits(digits string) (v1.Hash, error) {
	digits = strings.TrimPrefix(digits, "sha256:")
	if !isHexPrefix(digits) {
		return v1.Hash{}, ErrNotFound
	}
	images, err := s.loadAll()
	if err != nil {
		return v1.Hash{}, err
	}
	var found []*Image
	for _, image := range images {
		if strings.HasPrefix(image.Digest.Hex, digits) || strings.HasPrefix(image.ID.Hex, digits) {
			found = append(found, image)
		}
	}
	switch {
	case len(found) == 0:
		return v1.Hash{}, ErrNotFound
	case len(found) > 1 && !sameID(found):
		return v1.Hash{}, fmt.Errorf("%d images begin so, among them %s and %s", len(found), found[0].ID, found[1].ID)
	}
	return found[0].Digest, nil
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

// Images returns all images that are whole, in the order of their names.
func (s *Store) Images() ([]*Image, error) {
	images, err := s.loadAll()
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	names, err := s.names()
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	for _, image := range images {
		image.Names = names[image.Digest]
	}
	sort.SliceStable(images, func(i, j int) bool {
		return strings.Join(images[i].Names, " ") < strings.Join(images[j].Names, " ")
	})
	return images, nil
}

// loadAll reads all images that are whole, without their names.
func (s *Store) loadAll() ([]*Image, error) {
	entries, err := os.ReadDir(s.path("images"))
	if err != nil {
		return nil, err
	}
	var images []*Image
	for _, entry := range entries {
		image, err := s.load(v1.Hash{Algorithm: "sha256", Hex: entry.Name()})
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		images = append(images, image)
	}
	return images, nil
}
