package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"bootrc/oci/layer"
	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image is an image of the store, with all its layers.
type Image struct {
	ID     v1.Hash // the configuration's digest: what podman calls the image's ID
	Digest v1.Hash // the manifest's digest
	Size   int64   // of configuration and layers as they were distributed, in bytes

	Config    *v1.ConfigFile
	Manifest  []byte // verbatim
	RawConfig []byte // verbatim

	// Layers are the folders to stack, the lowest first. Those that a layer
	// above hides whole are left out.
	Layers []string

	ReadOnly bool // in a store that was attached

	// Names and Used are filled in by Images alone.
	Names []string  // sorted; none for an image whose name went to another
	Used  time.Time // when it was pulled or run last; zero in an attached store

	diffIDs []v1.Hash
}

// newImage makes an image of its two files.
func (s *Store) newImage(manifest, config []byte) (*Image, error) {
	digest, _, err := v1.SHA256(bytes.NewReader(manifest))
	if err != nil {
		return nil, err
	}
	m, err := v1.ParseManifest(bytes.NewReader(manifest))
	if err != nil {
		return nil, fmt.Errorf("image %s: manifest: %w", digest, err)
	}
	c, err := parseConfig(config, m)
	if err != nil {
		return nil, fmt.Errorf("image %s: configuration: %w", digest, err)
	}
	image := &Image{
		ID: m.Config.Digest, Digest: digest, Size: m.Config.Size,
		Config: c, Manifest: manifest, RawConfig: config, diffIDs: c.RootFS.DiffIDs,
	}
	for _, l := range m.Layers {
		image.Size += l.Size
	}
	return image, s.stack(image)
}

func parseConfig(config []byte, m *v1.Manifest) (*v1.ConfigFile, error) {
	sum, err := v1.Hasher(m.Config.Digest.Algorithm)
	if err != nil {
		return nil, err
	}
	sum.Write(config)
	if got := hex.EncodeToString(sum.Sum(nil)); got != m.Config.Digest.Hex {
		return nil, fmt.Errorf("expected %s, got %s:%s", m.Config.Digest, m.Config.Digest.Algorithm, got)
	}
	c, err := manifest.ParseConfig(config)
	if err != nil {
		return nil, err
	}
	if len(c.RootFS.DiffIDs) != len(m.Layers) {
		return nil, fmt.Errorf("it has %d diff IDs, and the manifest %d layers", len(c.RootFS.DiffIDs), len(m.Layers))
	}
	return c, nil
}

// stack finds the image's layers, in this store or one that is attached.
func (s *Store) stack(image *Image) error {
	places := make(map[v1.Hash]int)
	for _, diffID := range image.diffIDs {
		dir := s.find(diffID)
		if dir == "" {
			return fmt.Errorf("image %s: layer %s is missing: %w", image.Digest, diffID, ErrNotFound)
		}
		opaque, err := layer.Opaque(dir)
		if errors.Is(err, fs.ErrNotExist) || isDamage(err) {
			return fmt.Errorf("image %s: layer %s is damaged: %w", image.Digest, diffID, ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("image %s: %w", image.Digest, err)
		}
		if opaque {
			image.Layers = image.Layers[:0]
			clear(places)
		}
		// overlayfs takes a folder once. The upper of two is the one that counts:
		// what lies between them and differs is hidden by it.
		if n, twice := places[diffID]; twice {
			image.Layers[n] = ""
		}
		places[diffID] = len(image.Layers)
		image.Layers = append(image.Layers, dir)
	}
	image.Layers = compact(image.Layers)
	return nil
}

func compact(layers []string) []string {
	kept := layers[:0]
	for _, dir := range layers {
		if dir != "" {
			kept = append(kept, dir)
		}
	}
	return kept
}

// load reads the image of that manifest digest, from wherever it is whole.
func (s *Store) load(digest v1.Hash) (*Image, error) {
	var first error
	for _, from := range s.readStores() {
		image, err := s.loadFrom(from, digest)
		if err == nil || !errors.Is(err, ErrNotFound) {
			return image, err
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func (s *Store) loadFrom(from readStore, digest v1.Hash) (*Image, error) {
	manifest, config, err := from.image(digest)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", digest, err)
	}
	image, err := s.newImage(manifest, config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrNotFound)
	}
	if image.Digest != digest {
		return nil, fmt.Errorf("image %s: manifest is damaged: %w", digest, ErrNotFound)
	}
	image.ReadOnly = from != s.folders
	return image, nil
}

// has tells whether the image's files are somewhere as they should be.
func (s *Store) has(image *Image) bool {
	for _, from := range s.readStores() {
		manifest, config, err := from.image(image.Digest)
		if err == nil && bytes.Equal(manifest, image.Manifest) && bytes.Equal(config, image.RawConfig) {
			return true
		}
	}
	return false
}
