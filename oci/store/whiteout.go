package store

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
// does not show overlayfs's own attributes (NFS, SMB): below each such layer comes another
// with what the layer's archive hid. Without it, a container would see files that
// its image has deleted. release deletes what was made for it.
func (s *Store) completed(ctx context.Context, layers []string) (complete []string, release func(), err error) {
	var w *durable.Workspace
	release = func() {
		if w != nil {
			w.Release()
		}
	}
	for i, dir := range layers {
		hidden, err := hiddenWhiteouts(dir)
		if err == nil && len(hidden) > 0 && w == nil {
			w, err = s.scratch()
		}
		if err != nil {
			release()
			return nil, nil, err
		}
		if len(hidden) == 0 {
			complete = append(complete, dir)
			continue
		}
		mask := w.Path(fmt.Sprint(i))
		if err := makeMask(ctx, mask, hidden); err != nil {
			release()
			return nil, nil, fmt.Errorf("layer %s: %w", dir, err)
		}
		// overlayfs does not read the mark of an opaque folder at the root of a layer
		if opaque, err := layer.Opaque(mask); err == nil && opaque {
			complete = complete[:0]
		}
		complete = append(complete, mask, dir)
	}
	return complete, release, nil
}

// hiddenWhiteouts returns the names of a layer's whiteouts, as its archive has them, where
// its file system may not show them.
func hiddenWhiteouts(dir string) ([]string, error) {
	if _, err := unix.Getxattr(dir, "trusted.overlay.opaque", nil); err != unix.EOPNOTSUPP {
		return nil, nil
	}
	// ROOT/overlay/ID/diff of containers/storage
	id := filepath.Base(filepath.Dir(dir))
	f, err := regular.Open(filepath.Join(dir, "../../../overlay-layers", id+".tar-split.gz"))
	if err != nil {
		return nil, fmt.Errorf("layer %s: its file system hides what the layer deletes, and so does the store: %w", dir, err)
	}
	defer f.Close()
	names, err := readWhiteouts(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return names, nil
}

// readWhiteouts reads the names of whiteouts from a tar-split: a compressed stream of JSON
// objects, which has one for each entry of a layer's archive.
func readWhiteouts(r io.Reader) ([]string, error) {
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
		if strings.HasPrefix(path.Base(entry.Name), ".wh.") {
			names = append(names, entry.Name)
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
