package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"
	"time"

	"bootrc/kit/durable"
	"bootrc/kit/inside"
	"bootrc/kit/size"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// ParseSpace reads a part of a file system.
func ParseSpace(text string) (size.Part, error) {
	part, err := size.ParsePart(text)
	if err == nil && part.Percent() > 100 {
		err = fmt.Errorf("%q is more than all", text)
	}
	return part, err
}

// Space is room on a file system: bytes, and files that can be made.
type Space struct{ Bytes, Files int64 }

// Holds tells whether there is room for other.
func (s Space) Holds(other Space) bool { return s.Bytes >= other.Bytes && s.Files >= other.Files }

func (s Space) plus(bytes, files int64) Space {
	if s.Files != anyFiles {
		s.Files += files
	}
	return Space{s.Bytes + bytes, s.Files}
}

// anyFiles is the number of files of a file system that has no limit of its own for them.
const anyFiles = math.MaxInt64

// Free returns what is free on the store's file system.
func (s *Store) Free() (Space, error) {
	free, _, err := s.space()
	return free, err
}

func (s *Store) space() (free Space, size int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(s.root, &st); err != nil {
		return free, 0, fmt.Errorf("statfs %s: %w", s.root, err)
	}
	free = Space{int64(st.Bavail) * int64(st.Bsize), int64(st.Ffree)}
	if st.Files == 0 {
		free.Files = anyFiles
	}
	return free, int64(st.Blocks) * int64(st.Bsize), nil
}

// Removed is an image that made room.
type Removed struct {
	Name string // one of its names, or its digest
	Used time.Time
}

// Prune removes images that no container uses, those used longest ago first,
// until so much of the store's file system is free, and tells about each. What
// else it can do without goes before any image. Where that is not enough, the
// error says so.
func (s *Store) Prune(ctx context.Context, keep size.Part, tell func(Removed)) error {
	enough := func() (bool, error) {
		free, size, err := s.space()
		return free.Bytes >= keep.Of(size), err
	}
	ok, err := enough()
	if ok || err != nil {
		return err
	}
	_, err = s.evict(ctx, enough, tell)
	if err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	free, size, err := s.space()
	if err != nil || free.Bytes >= keep.Of(size) {
		return err
	}
	return fmt.Errorf("%d bytes of %s are free, and not %d: no image is left that could go", free.Bytes, s.root, keep.Of(size))
}

// MakeSpace removes at least one image that no container uses, and so many, those
// used longest ago first, that what is needed is free. It tells whether anything was
// there to remove.
func (s *Store) MakeSpace(ctx context.Context, need Space, tell func(Removed)) (bool, error) {
	made, err := s.evict(ctx, func() (bool, error) {
		free, _, err := s.space()
		return free.Holds(need), err
	}, tell)
	if err != nil {
		return made, fmt.Errorf("make room: %w", err)
	}
	return made, nil
}

// Room returns what could be free on the store's file system, if all images went that no
// container uses.
func (s *Store) Room(ctx context.Context) (Space, error) {
	r, err := s.removal(ctx)
	if err != nil {
		return Space{}, err
	}
	defer r.end()
	kept := make(map[string]bool)
	for hex, e := range r.inventory {
		if isHeld(s.path("images", hex)) {
			for _, l := range e.layers {
				kept[l] = true
			}
		}
	}
	room, err := s.Free()
	if err != nil {
		return room, err
	}
	err = r.each("layers", func(name, path string) error {
		if !kept[name] && !isHeld(path) {
			room = room.plus(inside.Usage(path))
		}
		return nil
	})
	return room, err
}

// isHeld tells whether anybody relies on a folder of the store.
func isHeld(path string) bool {
	f, err := durable.HoldAlone(path)
	if f == nil {
		return err == nil && isFolder(path)
	}
	f.Close()
	return false
}

// evict removes something, and goes on until that is enough or nothing is left.
func (s *Store) evict(ctx context.Context, enough func() (bool, error), tell func(Removed)) (made bool, err error) {
	r, err := s.removal(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, r.end()) }()
	if err := r.collect(); err != nil {
		return false, err
	}
	made = len(r.gone) > 0
	if err := r.flush(); err != nil {
		return made, err
	}
	for _, digest := range r.byUse() {
		if made {
			if ok, err := enough(); ok || err != nil {
				return made, err
			}
		}
		gone := Removed{Name: r.aName(digest), Used: s.used(digest)}
		if err := r.image(digest); errors.Is(err, ErrInUse) {
			continue
		} else if err != nil {
			return made, err
		}
		made = true
		tell(gone)
		if err := r.flush(); err != nil {
			return made, err
		}
	}
	return made, nil
}

// byUse returns the images in the order of their last use, the oldest first.
func (r *removal) byUse() []v1.Hash {
	var digests []v1.Hash
	used := make(map[v1.Hash]time.Time)
	for hex := range r.inventory {
		digest := v1.Hash{Algorithm: "sha256", Hex: hex}
		digests, used[digest] = append(digests, digest), r.s.used(digest)
	}
	sort.Slice(digests, func(i, j int) bool { return used[digests[i]].Before(used[digests[j]]) })
	return digests
}

// aName returns a name of the image for people.
func (r *removal) aName(digest v1.Hash) string {
	for _, file := range r.names(digest) {
		if n, err := readName(r.s.path("names", file)); err == nil {
			return n.Name
		}
	}
	return digest.String()
}
