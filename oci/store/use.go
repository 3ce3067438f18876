package store

import (
	"context"
	"fmt"
	"os"
	"time"

	"bootrc/kit/durable"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Hold keeps an image from being removed until it is released, or the process
// ends, and notes that it was used now. The error wraps ErrNotFound where the
// image was removed since it was found.
func (s *Store) Hold(ctx context.Context, image *Image) (release func(), err error) {
	if image.ReadOnly {
		return func() {}, nil
	}
	f, err := durable.Hold(ctx, s.imagePath(image.Digest))
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Digest, err)
	}
	if f == nil {
		return nil, fmt.Errorf("image %s was removed meanwhile: %w", image.Digest, ErrNotFound)
	}
	s.noteUse(image)
	return func() { f.Close() }, nil
}

// noteUse makes the image the last one used, also where the machine's clock went
// back since then: many have none that runs while they are off.
func (s *Store) noteUse(image *Image) {
	if image.ReadOnly {
		return
	}
	now := time.Now()
	if last, err := os.Stat(s.path("lock")); err == nil && last.ModTime().After(now) {
		now = last.ModTime().Add(time.Second)
	}
	// whatever fails here, fails on a disk that takes nothing more
	os.Chtimes(s.path("lock"), now, now)
	os.Chtimes(s.imagePath(image.Digest), now, now)
}

// used returns when the image was used last.
func (s *Store) used(digest v1.Hash) time.Time {
	st, err := os.Stat(s.imagePath(digest))
	if err != nil {
		return time.Time{}
	}
	return st.ModTime()
}
