package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// workspace is a folder in tmp, locked by who works in it. One that nobody has
// locked is what a process that is gone has left.
type workspace struct {
	dir string
	f   *os.File
}

// claim returns the workspace of that name, empty, when nobody else has it.
func (s *Store) claim(ctx context.Context, name string) (*workspace, error) {
	w := &workspace{dir: s.path("tmp", name)}
	for {
		if err := os.Mkdir(w.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		f, err := os.Open(w.dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := flock(ctx, f, lockExclusive); err != nil {
			f.Close()
			return nil, err
		}
		// whoever had it may have deleted it, and another made a new one.
		if isStill(f, w.dir) {
			w.f = f
			return w, w.empty()
		}
		f.Close()
	}
}

func isStill(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, there)
}

func (w *workspace) empty() error {
	names, err := w.f.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(w.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// release deletes the workspace with all that is still in it.
func (w *workspace) release() error {
	err := os.RemoveAll(w.dir)
	if cerr := w.f.Close(); err == nil {
		err = cerr
	}
	return err
}

// sweep deletes the workspaces that nobody has locked.
func (s *Store) sweep() error {
	entries, err := os.ReadDir(s.path("tmp"))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := sweepOne(s.path("tmp", entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func sweepOne(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	free, err := tryLock(f, lockExclusive)
	if err != nil || !free || !isStill(f, dir) {
		return err
	}
	return os.RemoveAll(dir)
}
