package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/regular"
	"strings"
)

// Check reads all of the store, and tells of each image, name and layer that is
// not whole: documents by their digests, layers by whether the disk gives back
// every byte of them. (A layer's digest is of its archive, which is not kept.)
func (s *Store) Check(ctx context.Context, tell func(problem string)) error {
	digests, err := s.digests("")
	if err != nil {
		return fmt.Errorf("check %s: %w", s.root, err)
	}
	layers := make(map[string]bool)
	for _, digest := range digests {
		image, err := s.loadFrom(s.folders, digest)
		if err != nil {
			tell(err.Error())
			continue
		}
		for _, l := range image.Layers {
			layers[l] = strings.HasPrefix(l, s.root)
		}
	}
	if err := s.checkNames(tell); err != nil {
		return fmt.Errorf("check %s: %w", s.root, err)
	}
	for l, own := range layers {
		if !own {
			continue
		}
		if err := checkLayer(ctx, l, tell); err != nil {
			return fmt.Errorf("check %s: %w", s.root, err)
		}
	}
	return nil
}

func (s *Store) checkNames(tell func(string)) error {
	files, err := os.ReadDir(s.path("names"))
	if err != nil {
		return err
	}
	for _, file := range files {
		n, err := readName(s.path("names", file.Name()))
		if err == nil {
			_, err = s.load(n.Image)
		}
		if err != nil {
			tell(fmt.Sprintf("name %q: %v", n.Name, err))
		}
	}
	return nil
}

// checkLayer reads every file of a layer.
func checkLayer(ctx context.Context, dir string, tell func(string)) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			err = readThrough(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			tell(fmt.Sprintf("layer %s: %v", filepath.Base(dir), err))
		}
		return ctx.Err()
	})
}

func readThrough(path string) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f)
	return err
}
