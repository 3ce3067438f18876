package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"bootrc/kit/order"
	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// containersStorage is a store of the library containers/storage with its driver
// overlay, as podman, buildah and skopeo keep one in /var/lib/containers/storage:
//
//	overlay-images/images.json        the images: ID, names, digest of the manifest
//	overlay-images/ID/                files of each, among them manifest and configuration
//	overlay-layers/layers.json        the layers, with their diff IDs
//	overlay-layers/ID.tar-split.gz    what a layer's archive had beside its files' content
//	overlay/ID/diff/                  a layer, as overlayfs takes it
//
// Others add and remove images all the time: each question is answered from the
// catalog as it is then.
type containersStorage struct {
	root string
	mu   sync.Mutex
	last *catalog
}

// openContainersStorage opens a store, and refuses what can never serve as one.
func openContainersStorage(root string) (*containersStorage, error) {
	c := &containersStorage{root: root}
	catalog, err := c.now()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it holds neither a store of ours nor one of podman with the driver overlay (overlay-images/images.json)")
	}
	if err != nil {
		return nil, err
	}
	// a store belongs to one user, with all its layers
	for _, l := range catalog.layers {
		if dir := c.diff(l); dir != "" {
			return c, checkRootful(dir)
		}
	}
	return c, nil
}

// diff returns a layer's folder, or "" for a layer that has none: one that is being
// added or removed, or one of another kind.
func (c *containersStorage) diff(l *storedLayer) string {
	if dir := filepath.Join(c.root, "overlay", l.ID, "diff"); isFolder(dir) {
		return dir
	}
	return ""
}

func (c *containersStorage) named(name string) (v1.Hash, error) {
	catalog, err := c.now()
	if err != nil {
		return v1.Hash{}, err
	}
	for _, image := range catalog.images {
		if slices.Contains(image.Names, name) {
			return image.Digest, nil
		}
	}
	return v1.Hash{}, ErrNotFound
}

func (c *containersStorage) names() (map[v1.Hash][]string, error) {
	catalog, err := c.now()
	if err != nil {
		return nil, err
	}
	names := make(map[v1.Hash][]string)
	for _, image := range catalog.images {
		names[image.Digest] = append(names[image.Digest], image.Names...)
	}
	for _, list := range names {
		sort.Strings(list)
	}
	return names, nil
}

// digests returns those of the images whose digest or ID begins so.
func (c *containersStorage) digests(digits string) ([]v1.Hash, error) {
	catalog, err := c.now()
	if err != nil {
		return nil, err
	}
	var digests []v1.Hash
	for _, image := range catalog.images {
		if strings.HasPrefix(image.ID, digits) || strings.HasPrefix(image.Digest.Hex, digits) {
			digests = append(digests, image.Digest)
		}
	}
	order.By(digests, func(a, b v1.Hash) int { return strings.Compare(a.Hex, b.Hex) })
	return digests, nil
}

func (c *containersStorage) image(digest v1.Hash) (raw, config []byte, err error) {
	catalog, err := c.now()
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(catalog.images, func(image *storedImage) bool { return image.Digest == digest })
	if i < 0 {
		return nil, nil, ErrNotFound
	}
	image := catalog.images[i]
	if raw, err = c.data(image, "manifest"); err != nil {
		return nil, nil, err
	}
	m, err := v1.ParseManifest(strings.NewReader(string(raw)))
	if err != nil {
		return nil, nil, fmt.Errorf("manifest is broken: %w", ErrNotFound)
	}
	if config, err = c.data(image, m.Config.Digest.String()); err == nil {
		catalog.identify(image, config)
	}
	return raw, config, err
}

// data returns a file of an image. A name with other characters than small
// letters, digits and dots is written in base64.
func (c *containersStorage) data(image *storedImage, name string) ([]byte, error) {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.") != "" {
		name = "=" + base64.StdEncoding.EncodeToString([]byte(name))
	}
	return readFile(filepath.Join(c.root, "overlay-images", image.ID, name), manifest.MaxSize)
}

// layer returns the folder of a layer. Layers with the same diff ID differ in the layers
// below them, not in their files.
func (c *containersStorage) layer(diffID v1.Hash) string {
	catalog, err := c.now()
	if err != nil {
		return ""
	}
	for _, l := range catalog.withDiffID(diffID) {
		if dir := c.diff(l); dir != "" {
			return dir
		}
	}
	return ""
}
