package store

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// containersStorage is a store of the library containers/storage with its driver
// overlay, as podman, buildah and skopeo keep one in /var/lib/containers/storage:
//
//	overlay-images/images.json   the images: ID, names, digest of the manifest
//	overlay-images/ID/           files of each, among them manifest and configuration
//	overlay-layers/layers.json   the layers, with their diff IDs
//	overlay/ID/diff/             a layer, as overlayfs takes it
type containersStorage struct {
	root   string
	images map[v1.Hash]*storedImage // by the manifest's digest
	byName map[string]v1.Hash
	layers map[v1.Hash]string // folders, by diff ID
}

// storedImage is an entry of images.json.
type storedImage struct {
	ID     string   `json:"id"`
	Digest string   `json:"digest"`
	Names  []string `json:"names"`
}

// storedLayer is an entry of layers.json.
type storedLayer struct {
	ID     string         `json:"id"`
	DiffID string         `json:"diff-digest"`
	Flags  map[string]any `json:"flags"`
}

func openContainersStorage(root string) (*containersStorage, error) {
	c := &containersStorage{
		root:   root,
		images: make(map[v1.Hash]*storedImage), byName: make(map[string]v1.Hash), layers: make(map[v1.Hash]string),
	}
	var images []*storedImage
	if err := c.read("overlay-images/images.json", &images); errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("it holds neither a store of ours nor one of podman with the driver overlay (overlay-images/images.json)")
	} else if err != nil {
		return nil, err
	}
	var layers []storedLayer
	if err := c.read("overlay-layers/layers.json", &layers); err != nil {
		return nil, err
	}
	for _, image := range images {
		digest, err := v1.NewHash(image.Digest)
		if err != nil || !isHex(image.ID) {
			continue
		}
		c.images[digest] = image
		for _, name := range image.Names {
			c.byName[name] = digest
		}
	}
	return c, c.addLayers(layers)
}

func (c *containersStorage) read(name string, into any) error {
	b, err := os.ReadFile(filepath.Join(c.root, name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s is broken: %w", name, err)
	}
	return nil
}

// addLayers notes where layers are. Layers that are one by their diff ID differ
// in what they lie on, and not in their files.
func (c *containersStorage) addLayers(layers []storedLayer) error {
	for _, l := range layers {
		diffID, err := v1.NewHash(l.DiffID)
		dir := filepath.Join(c.root, "overlay", filepath.Base(l.ID), "diff")
		if err != nil || l.Flags["incomplete"] == true || !isFolder(dir) {
			continue
		}
		if err := checkRootful(dir); err != nil {
			return err
		}
		c.layers[diffID] = dir
	}
	return nil
}

// checkRootful refuses the layers of a user's own store: their files belong to
// that user and say in attributes of their own what they are, which an overlay
// mounted by root does not read.
func checkRootful(diff string) error {
	var st unix.Stat_t
	if err := unix.Stat(filepath.Dir(diff), &st); err != nil {
		return fmt.Errorf("%s: %w", diff, err)
	}
	if st.Uid != 0 {
		return fmt.Errorf("it is a rootless store, of user %d: its layers cannot be stacked by root", st.Uid)
	}
	for _, file := range append([]string{diff}, children(diff)...) {
		if attribute := rootlessAttribute(file); attribute != "" {
			return fmt.Errorf("it is a rootless store: %s has the attribute %s, so its layers cannot be stacked by root", file, attribute)
		}
	}
	return nil
}

// children returns what lies at the top of a layer.
func children(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, entry := range entries {
		paths = append(paths, filepath.Join(dir, entry.Name()))
	}
	return paths
}

func rootlessAttribute(file string) string {
	list := make([]byte, 4096)
	n, err := unix.Llistxattr(file, list)
	if err != nil {
		return ""
	}
	for _, name := range strings.Split(string(list[:n]), "\x00") {
		if strings.HasPrefix(name, "user.overlay.") || strings.HasPrefix(name, "user.containers.override_stat") {
			return name
		}
	}
	return ""
}

func (c *containersStorage) named(name string) (v1.Hash, error) {
	if digest, ok := c.byName[name]; ok {
		return digest, nil
	}
	return v1.Hash{}, ErrNotFound
}

func (c *containersStorage) names() (map[v1.Hash][]string, error) {
	names := make(map[v1.Hash][]string)
	for name, digest := range c.byName {
		names[digest] = append(names[digest], name)
	}
	for _, list := range names {
		sort.Strings(list)
	}
	return names, nil
}

func (c *containersStorage) digests() ([]v1.Hash, error) {
	var digests []v1.Hash
	for digest := range c.images {
		digests = append(digests, digest)
	}
	sort.Slice(digests, func(i, j int) bool { return digests[i].Hex < digests[j].Hex })
	return digests, nil
}

func (c *containersStorage) image(digest v1.Hash) (manifest, config []byte, err error) {
	image := c.images[digest]
	if image == nil {
		return nil, nil, ErrNotFound
	}
	if manifest, err = c.data(image, "manifest"); err != nil {
		return nil, nil, err
	}
	m, err := v1.ParseManifest(strings.NewReader(string(manifest)))
	if err != nil {
		return nil, nil, fmt.Errorf("manifest is broken: %w", ErrNotFound)
	}
	config, err = c.data(image, m.Config.Digest.String())
	return manifest, config, err
}

// data returns a file of an image. A name with other characters than small
// letters, digits and dots is written in base64.
func (c *containersStorage) data(image *storedImage, name string) ([]byte, error) {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.") != "" {
		name = "=" + base64.StdEncoding.EncodeToString([]byte(name))
	}
	return readFile(filepath.Join(c.root, "overlay-images", image.ID, name))
}

func (c *containersStorage) layer(diffID v1.Hash) string { return c.layers[diffID] }
