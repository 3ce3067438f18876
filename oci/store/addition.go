package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"bootrc/kit/durable"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Addition is an image on its way into the store. Until it ends, nobody removes
// the layers that it asked for.
type Addition struct {
	s    *Store
	mu   sync.Mutex
	held []held // the folders of these layers
	done bool
}

// held is a layer's folder that nobody removes.
type held struct {
	*os.File
	place string // where the folder is, or will be
}

// Add begins the addition of an image. It ends with Finish, Known or Abandon, of
// which the last does nothing when one of the others succeeded.
func (s *Store) Add() *Addition { return &Addition{s: s} }

// Layer is a layer on its way into the store.
type Layer struct {
	Folder string // where to unpack it: empty, mode 0755

	a     *Addition
	final string
	w     *durable.Workspace
}

// Layer returns a folder to unpack the layer of that diff ID into, or nil when
// the store, or one attached, has the layer. While another addition unpacks the
// same layer, it waits for the outcome.
func (a *Addition) Layer(ctx context.Context, diffID v1.Hash) (*Layer, error) {
	l, err := a.layer(ctx, diffID)
	if err != nil {
		return nil, fmt.Errorf("store layer %s: %w", diffID, err)
	}
	return l, nil
}

func (a *Addition) layer(ctx context.Context, diffID v1.Hash) (*Layer, error) {
	if dir := a.s.find(diffID); dir != "" && dir != a.s.layerPath(diffID) {
		return nil, nil
	}
	final := a.s.layerPath(diffID)
	if held, err := a.hold(ctx, final, final); held || err != nil {
		return nil, err
	}
	w, err := durable.Claim(ctx, a.s.path("tmp", "layer-"+diffID.Hex))
	if err != nil {
		return nil, err
	}
	if held, err := a.hold(ctx, final, final); held || err != nil {
		w.Release()
		return nil, err
	}
	return a.newLayer(w, final)
}

// Unnamed returns a folder to unpack a layer into whose diff ID is not known yet: Name comes
// before Commit.
func (a *Addition) Unnamed() (*Layer, error) {
	w, err := a.s.scratch()
	if err != nil {
		return nil, fmt.Errorf("store layer: %w", err)
	}
	return a.newLayer(w, "")
}

// Name gives a layer its diff ID.
func (l *Layer) Name(diffID v1.Hash) { l.final = l.a.s.layerPath(diffID) }

// newLayer makes the folder of a layer in the workspace.
func (a *Addition) newLayer(w *durable.Workspace, final string) (*Layer, error) {
	l := &Layer{Folder: w.Path("content"), a: a, final: final, w: w}
	err := os.Mkdir(l.Folder, 0o755)
	if err == nil {
		err = os.Chmod(l.Folder, 0o755) // whatever the umask
	}
	if err != nil {
		l.Discard()
		return nil, err
	}
	return l, nil
}

// hold keeps the layer in dir, whose place is or will be another, if there is one, until the
// addition ends.
func (a *Addition) hold(ctx context.Context, dir, place string) (bool, error) {
	f, err := durable.Hold(ctx, dir)
	if f == nil {
		return false, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held = append(a.held, held{f, place})
	return true, nil
}

// Commit makes the layer part of the store.
func (l *Layer) Commit() error {
	defer l.Discard()
	if err := l.commit(); err != nil {
		return fmt.Errorf("store layer: %w", err)
	}
	return nil
}

func (l *Layer) commit() error {
	if held, err := l.a.hold(context.Background(), l.final, l.final); held || err != nil {
		return err // it came to be there while this one had no name
	}
	if err := l.a.s.sync(); err != nil {
		return err
	}
	// held before anybody else can see it
	if _, err := l.a.hold(context.Background(), l.Folder, l.final); err != nil {
		return err
	}
	return durable.Place(l.Folder, l.final)
}

// Discard deletes what was unpacked. After Commit it does nothing.
func (l *Layer) Discard() error {
	if l.w == nil {
		return nil
	}
	w := l.w
	l.w = nil
	return w.Release()
}

// Finish puts the image into the store: its manifest and configuration as they
// were distributed. The names are taken from the images that have them. It fails
// when they do not belong together, or a layer is missing. When it returns, a
// power cut takes nothing of the image any more.
func (a *Addition) Finish(ctx context.Context, manifest, config []byte, names ...string) (*Image, error) {
	image, err := a.s.newImage(manifest, config)
	if err != nil {
		return nil, err
	}
	image.ReadOnly = false
	return a.finish(ctx, image, names)
}

// Known ends the addition of an image that turned out to be in the store, or one
// attached, and gives it the names; for any other digest the error wraps
// ErrNotFound, and the addition goes on.
func (a *Addition) Known(ctx context.Context, digest v1.Hash, names ...string) (*Image, error) {
	image, err := a.s.load(digest)
	if err != nil {
		return nil, err
	}
	return a.finish(ctx, image, names)
}

func (a *Addition) finish(ctx context.Context, image *Image, names []string) (*Image, error) {
	isNew, others := !a.s.has(image), a.letGo(image)
	if isNew || others || len(a.s.moving(image.Digest, names)) > 0 {
		if err := a.s.write(ctx, image, isNew, others, names); err != nil {
			return nil, fmt.Errorf("store image %s: %w", image.Digest, err)
		}
	}
	a.s.noteUse(image)
	a.end()
	return image, nil
}

// letGo gives up the layers that are not the image's, and tells whether there are any: those of
// an archive came before it was known what the image has.
func (a *Addition) letGo(image *Image) (others bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held = slices.DeleteFunc(a.held, func(h held) bool {
		if slices.ContainsFunc(image.diffIDs, func(d v1.Hash) bool { return a.s.layerPath(d) == h.place }) {
			return false
		}
		h.Close()
		others = true
		return true
	})
	return others
}

// moving returns those of the names that are not the image's yet.
func (s *Store) moving(image v1.Hash, names []string) []string {
	var moving []string
	for _, name := range names {
		if found, err := s.byName(name); err != nil || found.Digest != image {
			moving = append(moving, name)
		}
	}
	return moving
}

// write writes the image, if it is new, and the names that are not its own yet:
// all is made and synced before the first is put into its place, and on the disk
// when it returns.
func (s *Store) write(ctx context.Context, image *Image, isNew, others bool, names []string) error {
	r, err := s.removal(ctx)
	if err != nil {
		return err
	}
	names = s.moving(image.Digest, names)
	if isNew {
		r.inventory.add(image)
	}
	r.inventory.name(image.Digest, names)
	err = s.writeLocked(image, isNew, names, r.inventory)
	if err == nil && (isNew || others) {
		// what pulls that were cut short have left
		err = r.collect()
	}
	return errors.Join(err, r.end())
}

func (s *Store) writeLocked(image *Image, isNew bool, names []string, inventory inventory) error {
	w, err := s.scratch()
	if err != nil {
		return err
	}
	defer w.Release()
	if err := s.prepare(w, image, isNew, names, inventory); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	if err := s.put(w, image, isNew, names); err != nil {
		return err
	}
	return s.sync()
}

// prepare makes the files of an image and its names in the workspace.
func (s *Store) prepare(w *durable.Workspace, image *Image, isNew bool, names []string, inventory inventory) error {
	write := func(name string, content []byte) error {
		return os.WriteFile(w.Path(name), content, 0o644)
	}
	if isNew {
		err := errors.Join(os.Mkdir(w.Path("image"), 0o755),
			write("image/manifest.json", image.Manifest), write("image/config.json", image.RawConfig))
		if err != nil {
			return err
		}
	}
	for i, name := range names {
		if err := write(fmt.Sprint("name", i), encodeName(name, image.Digest)); err != nil {
			return err
		}
	}
	return write("index", inventory.encode())
}

// put moves what prepare made into its places.
func (s *Store) put(w *durable.Workspace, image *Image, isNew bool, names []string) error {
	if isNew {
		if err := durable.Place(w.Path("image"), s.imagePath(image.Digest)); err != nil {
			return err
		}
	}
	for i, name := range names {
		if err := durable.Place(w.Path(fmt.Sprint("name", i)), s.namePath(name)); err != nil {
			return err
		}
	}
	return durable.Place(w.Path("index"), s.path("index"))
}

// Abandon ends an addition that failed, and deletes the layers that no image has
// and no other addition asked for.
func (a *Addition) Abandon() error {
	if a.done {
		return nil
	}
	a.end()
	r, err := a.s.removal(context.Background())
	if err != nil {
		return err
	}
	return errors.Join(r.collect(), r.end())
}

func (a *Addition) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.held {
		f.Close()
	}
	a.held, a.done = nil, true
}
