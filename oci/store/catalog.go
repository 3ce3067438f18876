package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"bootrc/kit/regular"
	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// catalog is what a store of containers/storage says that it has.
type catalog struct {
	images []*storedImage
	layers []*storedLayer

	seen []fs.FileInfo // the files that it was read from

	mu       sync.Mutex
	byDiffID map[v1.Hash][]*storedLayer
}

// storedImage is an entry of images.json.
type storedImage struct {
	ID     string   `json:"id"`
	Digest v1.Hash  `json:"digest"` // of the manifest
	Names  []string `json:"names"`
	Top    string   `json:"layer"` // ID of the uppermost layer
}

// storedLayer is an entry of layers.json.
type storedLayer struct {
	ID     string         `json:"id"`
	Parent string         `json:"parent"` // ID of the layer below
	DiffID string         `json:"diff-digest"`
	Flags  map[string]any `json:"flags"`
}

// The files of a catalog. An image is written after its layers, and removed before
// them: read in this order, no image is there without its layers but one that is
// being removed.
var catalogFiles = []string{"overlay-images/images.json", "overlay-layers/layers.json"}

// maxCatalog bounds the size of each of them, in bytes: thousands of images.
const maxCatalog = 64 << 20

// now returns the catalog as it is, which is read again only when it has changed.
func (c *containersStorage) now() (*catalog, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && c.last.isCurrent(c.root) {
		return c.last, nil
	}
	// a file that is replaced on a network file system may be missing for a moment
	var read *catalog
	err := errors.New("")
	for attempt := 0; err != nil && attempt < 20; attempt++ {
		if attempt > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		read, err = readCatalog(c.root)
		if errors.Is(err, fs.ErrNotExist) && c.last == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	c.last = read
	return read, nil
}

// isCurrent opens the files: NFS shows what others have written when a file is opened,
// not when its time is asked for.
func (c *catalog) isCurrent(root string) bool {
	for i, name := range catalogFiles {
		f, err := regular.Open(filepath.Join(root, name))
		if err != nil {
			return false
		}
		info, err := f.Stat()
		f.Close()
		seen := c.seen[i]
		if err != nil || !os.SameFile(info, seen) || info.Size() != seen.Size() || !info.ModTime().Equal(seen.ModTime()) {
			return false
		}
	}
	return true
}

func readCatalog(root string) (*catalog, error) {
	c := &catalog{byDiffID: make(map[v1.Hash][]*storedLayer)}
	var images, layers []json.RawMessage
	if err := errors.Join(c.read(root, catalogFiles[0], &images), c.read(root, catalogFiles[1], &layers)); err != nil {
		return nil, err
	}
	// an entry of a kind that is not known here is no reason to do without the others
	for _, raw := range images {
		var image storedImage
		if json.Unmarshal(raw, &image) == nil && isHex(image.ID) {
			c.images = append(c.images, &image)
		}
	}
	for _, raw := range layers {
		var l storedLayer
		if json.Unmarshal(raw, &l) != nil || !isHex(l.ID) || l.Flags["incomplete"] == true {
			continue
		}
		c.layers = append(c.layers, &l)
		if diffID, err := v1.NewHash(l.DiffID); err == nil {
			c.byDiffID[diffID] = append(c.byDiffID[diffID], &l)
		}
	}
	return c, nil
}

func (c *catalog) read(root, name string, into any) error {
	f, err := regular.Open(filepath.Join(root, name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	c.seen = append(c.seen, info)
	b, err := io.ReadAll(io.LimitReader(f, maxCatalog))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s is broken: %w", name, err)
	}
	return nil
}

func (c *catalog) withDiffID(diffID v1.Hash) []*storedLayer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.byDiffID[diffID])
}

// identify finds the diff IDs of layers that the store has none for, because only parts
// of them were pulled (zstd:chunked): by their place in an image.
func (c *catalog) identify(image *storedImage, config []byte) {
	file, err := manifest.ParseConfig(config)
	if err != nil {
		return
	}
	chain := c.chain(image)
	if len(chain) != len(file.RootFS.DiffIDs) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, diffID := range file.RootFS.DiffIDs {
		if l := chain[i]; l.DiffID == "" && !slices.Contains(c.byDiffID[diffID], l) {
			c.byDiffID[diffID] = append(c.byDiffID[diffID], l)
		}
	}
}

// chain returns an image's layers, the lowest first.
func (c *catalog) chain(image *storedImage) []*storedLayer {
	byID := make(map[string]*storedLayer, len(c.layers))
	for _, l := range c.layers {
		byID[l.ID] = l
	}
	var chain []*storedLayer
	for l := byID[image.Top]; l != nil && len(chain) <= len(c.layers); l = byID[l.Parent] {
		chain = append(chain, l)
	}
	slices.Reverse(chain)
	return chain
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
