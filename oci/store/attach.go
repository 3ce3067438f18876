package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// readStore is where images and layers are read: the store's own folders, or a store
// that is attached.
type readStore interface {
	named(name string) (v1.Hash, error)
	names() (map[v1.Hash][]string, error)
	digests() ([]v1.Hash, error)
	image(digest v1.Hash) (manifest, config []byte, err error)
	layer(diffID v1.Hash) (folder string)
}

// attachments are the stores that were attached, in that order.
type attachments struct {
	mu     sync.Mutex
	tried  []string
	stores []readStore
}

func (a *attachments) all() []readStore {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clip(a.stores)
}

// Attach makes the images and layers of another store those of this one, as far
// as they are read: they are found, run, and not pulled, but never changed. The
// folder is a store of this package, or of containers/storage (podman's
// additionalimagestores) with the driver overlay. What is in both is taken from
// this store. For a folder that was tried before, Attach does nothing.
func (s *Store) Attach(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("attach image store: %w", err)
	}
	s.attached.mu.Lock()
	defer s.attached.mu.Unlock()
	if slices.Contains(s.attached.tried, folder) {
		return nil
	}
	s.attached.tried = append(s.attached.tried, folder)
	other, err := openAttached(folder)
	if err != nil {
		return fmt.Errorf("attach image store %s: %w", folder, err)
	}
	s.attached.stores = append(s.attached.stores, other)
	return nil
}

// openAttached opens a store of either kind for reading.
func openAttached(folder string) (readStore, error) {
	own := folders{folder}
	if isFolder(own.path("layers")) && isFolder(own.path("images")) && isFolder(own.path("names")) {
		return own, own.checkVersion()
	}
	return openContainersStorage(folder)
}

// readStores returns all places to look for an image in, in order.
func (s *Store) readStores() []readStore {
	return append([]readStore{s.folders}, s.attached.all()...)
}

// find returns the folder of a layer, or "".
func (s *Store) find(diffID v1.Hash) string {
	for _, from := range s.readStores() {
		if dir := from.layer(diffID); dir != "" {
			return dir
		}
	}
	return ""
}
