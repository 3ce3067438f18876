package store

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/compression"
	"bootrc/kit/durable"
	"bootrc/kit/regular"
	"bootrc/oci/layer"

	"golang.org/x/sys/unix"
)

// What is read of a layer's tar-split is bounded, in bytes uncompressed: all of it, and an
// entry, which is kept in memory as a whole.
const (
	maxHeaders = 256 << 20
	maxEntry   = 4 << 20
)

// completed has an image's layers say what they hide, where they lie on a file system that
// does not show overlayfs's own marks (NFS, SMB): below each such layer comes another with what
// the layer's archive hid, and above it one that hides marks which look like files.
// Without them, a container would see files that its image has deleted. release deletes
// what was made for it.
func (s *Store) completed(ctx context.Context, layers []string) (complete []string, release func(), err error) {
	var w *durable.Workspace
	release = func() {
		if w != nil {
			w.Release()
		}
	}
	mask := func(dir string, whiteouts []string) (err error) {
		if len(whiteouts) == 0 {
			return nil
		}
		if w == nil {
			if w, err = s.scratch(); err != nil {
				return err
			}
		}
		layer := w.Path(fmt.Sprint(len(complete)))
		if err := makeMask(ctx, layer, whiteouts); err != nil {
			return fmt.Errorf("layer %s: %w", dir, err)
		}
		complete = append(complete, layer)
		return nil
	}
	for _, dir := range layers {
		hidden, shown, err := lostMarks(dir)
		if err == nil {
			err = mask(dir, hidden)
		}
		if err == nil {
			// overlayfs does not read the mark of an opaque folder at the root of a layer
			if n := len(complete) - 1; len(hidden) > 0 && isOpaque(complete[n]) {
				complete = complete[n:]
			}
			complete = append(complete, dir)
			err = mask(dir, shown)
		}
		if err != nil {
			release()
			return nil, nil, err
		}
	}
	return complete, release, nil
}

func isOpaque(dir string) bool {
	opaque, err := layer.Opaque(dir)
	return err == nil && opaque
}

// lostMarks returns a layer's whiteouts by the names that its archive has for them, where its file
// system may not show them as what they are: hidden are all, shown those that look like files.
func lostMarks(dir string) (hidden, shown []string, err error) {
	if _, err := unix.Getxattr(dir, "trusted.overlay.opaque", nil); err != unix.EOPNOTSUPP {
		return nil, nil, nil
	}
	// ROOT/overlay/ID/diff of containers/storage
	id := filepath.Base(filepath.Dir(dir))
	split := filepath.Join(dir, "../../../overlay-layers", id+".tar-split.gz")
	hidden, err = archiveNames(split, isWhiteout)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("layer %s: its file system hides what the layer deletes, and so does the store: %w", dir, err)
	}
	if err == nil {
		shown, err = marksAsFiles(dir, split, hidden)
	}
	return hidden, shown, err
}

const (
	whiteoutPrefix = ".wh."
	opaqueWhiteout = ".wh..wh..opq"
)

func isWhiteout(name string) bool { return strings.HasPrefix(path.Base(name), whiteoutPrefix) }

// marksAsFiles returns those whiteouts that are files in the layer's folder without being
// in its archive as such: overlayfs marks what is deleted by a device, of which SMB makes a file.
func marksAsFiles(dir, split string, whiteouts []string) ([]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	shown := make(map[string]string) // whiteouts by what they delete
	for _, name := range whiteouts {
		folder, base := path.Split(name)
		deleted := folder + strings.TrimPrefix(base, whiteoutPrefix)
		if info, err := root.Lstat(deleted); base != opaqueWhiteout && err == nil && info.Mode().IsRegular() {
			shown[deleted] = name
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	own, err := archiveNames(split, func(name string) bool { return shown[name] != "" })
	for _, name := range own {
		delete(shown, name)
	}
	return slices.Collect(maps.Values(shown)), err
}

// archiveNames reads names of entries of a layer's archive from its tar-split.
func archiveNames(split string, wanted func(string) bool) ([]string, error) {
	f, err := regular.Open(split)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := readNames(f, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", split, err)
	}
	return names, nil
}

// readNames reads names, without what path.Clean takes away, from a tar-split: a compressed stream
// of JSON objects, which has one for each entry of a layer's archive.
func readNames(r io.Reader, wanted func(string) bool) ([]string, error) {
	uncompressed, err := compression.NewReader(r, compression.Options{})
	if err != nil {
		return nil, err
	}
	var names []string
	left := &io.LimitedReader{R: io.LimitReader(uncompressed, maxHeaders)}
	objects := json.NewDecoder(left)
	for {
		left.N = maxEntry
		var entry struct {
			Name    string `json:"name"`
			RawName []byte `json:"name_raw"` // of a name that is not UTF-8
		}
		err := objects.Decode(&entry)
		if left.N == 0 {
			return nil, fmt.Errorf("an entry has more than the %d bytes allowed", maxEntry)
		}
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		if len(entry.RawName) > 0 {
			entry.Name = string(entry.RawName)
		}
		if name := path.Clean(strings.TrimLeft(entry.Name, "/")); wanted(name) {
			names = append(names, name)
		}
	}
}

// makeMask makes a layer of whiteouts alone.
func makeMask(ctx context.Context, dir string, whiteouts []string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	archive := tar.NewWriter(&b)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(whiteouts))) {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600}); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	_, err := layer.Unpack(ctx, &b, dir)
	return err
}
