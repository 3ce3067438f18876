package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// Addition is an image on its way into the store. Until it ends, nobody removes
// layers.
type Addition struct {
	s    *Store
	lock *os.File
}

// Add begins the addition of an image. It ends with Finish, Known or Abandon, of
// which the last does nothing when one of the others succeeded.
func (s *Store) Add(ctx context.Context) (*Addition, error) {
	lock, err := s.lock(ctx, lockShared)
	if err != nil {
		return nil, fmt.Errorf("image store: %w", err)
	}
	return &Addition{s: s, lock: lock}, nil
}

// Layer is a layer on its way into the store.
type Layer struct {
	Folder string // where to unpack it: empty, mode 0755

	s     *Store
	final string
	w     *workspace
}

// Layer returns a folder to unpack the layer of that diff ID into, or nil when
// the store has the layer. While another addition unpacks the same layer, it
// waits for the outcome.
func (a *Addition) Layer(ctx context.Context, diffID v1.Hash) (*Layer, error) {
	final := a.s.layerPath(diffID)
	if isFolder(final) {
		return nil, nil
	}
	w, err := a.s.claim(ctx, "layer-"+diffID.Hex)
	if err != nil {
		return nil, fmt.Errorf("store layer %s: %w", diffID, err)
	}
	if isFolder(final) {
		return nil, w.release()
	}
	l := &Layer{Folder: filepath.Join(w.dir, "content"), s: a.s, final: final, w: w}
	err = os.Mkdir(l.Folder, 0o755)
	if err == nil {
		err = os.Chmod(l.Folder, 0o755) // whatever the umask
	}
	if err != nil {
		l.Discard()
		return nil, fmt.Errorf("store layer %s: %w", diffID, err)
	}
	return l, nil
}

// Commit makes the layer part of the store.
func (l *Layer) Commit() error {
	defer l.Discard()
	if err := l.s.sync(); err != nil {
		return fmt.Errorf("store layer: %w", err)
	}
	if err := os.Rename(l.Folder, l.final); err != nil {
		return fmt.Errorf("store layer: %w", err)
	}
	return nil
}

// Discard deletes what was unpacked. After Commit it does nothing.
func (l *Layer) Discard() error {
	if l.w == nil {
		return nil
	}
	w := l.w
	l.w = nil
	return w.release()
}

// Finish puts the image into the store: its manifest and configuration as they
// were distributed. The names are taken from the images that have them. It fails
// when they do not belong together, or a layer is missing.
func (a *Addition) Finish(ctx context.Context, manifest, config []byte, names ...string) (*Image, error) {
	image, err := a.s.newImage(manifest, config)
	if err != nil {
		return nil, err
	}
	return a.finish(ctx, image, !a.s.has(image), names)
}

// Known ends the addition of an image that turned out to be in the store, and
// gives it the names; for any other digest the error wraps ErrNotFound, and the
// addition goes on.
func (a *Addition) Known(ctx context.Context, digest v1.Hash, names ...string) (*Image, error) {
	image, err := a.s.load(digest)
	if err != nil {
		return nil, err
	}
	return a.finish(ctx, image, false, names)
}

func (a *Addition) finish(ctx context.Context, image *Image, isNew bool, names []string) (*Image, error) {
	changed, err := a.s.write(ctx, image, isNew, names)
	if err == nil && changed {
		err = a.s.sync()
	}
	if err != nil {
		return nil, fmt.Errorf("store image %s: %w", image.Digest, err)
	}
	all, err := a.s.names()
	if err != nil {
		return nil, fmt.Errorf("store image %s: %w", image.Digest, err)
	}
	image.Names = all[image.Digest]
	a.end()
	return image, nil
}

// write writes the image, if it is new, and those names that are not its own yet.
func (s *Store) write(ctx context.Context, image *Image, isNew bool, names []string) (changed bool, err error) {
	var move []string
	for _, name := range names {
		if digest, err := s.named(name); err != nil || digest != image.Digest {
			move = append(move, name)
		}
	}
	if !isNew && len(move) == 0 {
		return false, nil
	}
	w, err := s.claim(ctx, "image-"+rand.Text())
	if err != nil {
		return false, err
	}
	defer w.release()
	if isNew {
		if err := s.writeImage(w, image); err != nil {
			return false, err
		}
	}
	for _, name := range move {
		if err := s.writeName(w, name, image.Digest); err != nil {
			return false, err
		}
	}
	return true, nil
}

// writeImage replaces an image's folder: there is none, or a damaged one.
func (s *Store) writeImage(w *workspace, image *Image) error {
	dir := filepath.Join(w.dir, "image")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), image.Manifest, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), image.RawConfig, 0o644); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	final := s.imagePath(image.Digest)
	err := os.Rename(dir, final)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, unix.ENOTEMPTY) {
		if err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, final, unix.RENAME_EXCHANGE); err != nil {
			return fmt.Errorf("replace %s: %w", final, err)
		}
		return nil
	}
	return err
}

// Abandon ends an addition that failed, and deletes the layers that came with
// it, unless other additions are under way that may want them: then the last
// of those to fail, or the next Remove, does it.
func (a *Addition) Abandon() error {
	if a.lock == nil {
		return nil
	}
	defer a.end()
	// the shared lock becomes exclusive, if this one is the only one.
	alone, err := tryLock(a.lock, lockExclusive)
	if err != nil || !alone {
		return err
	}
	return a.s.collect()
}

func (a *Addition) end() {
	if a.lock != nil {
		a.lock.Close()
		a.lock = nil
	}
}

func isFolder(path string) bool {
	st, err := os.Lstat(path)
	return err == nil && st.IsDir()
}
