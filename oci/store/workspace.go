package store

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
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

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

// scratch returns a workspace that nobody else knows of.
func (s *Store) scratch() (*workspace, error) {
	return s.claim(context.Background(), "scratch-"+rand.Text())
}

func (w *workspace) empty() error {
	names, err := w.f.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.RemoveAll(w.path(name)); err != nil {
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

// place moves what was made to its final path. What is there already, of whatever
// kind, comes to where the new one was made.
func place(made, final string) error {
	err := os.Rename(made, final)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist), errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTDIR):
		return unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, final, unix.RENAME_EXCHANGE)
	}
	return err
}

// sweep deletes the workspaces that nobody has locked.
func (s *Store) sweep() {
	entries, err := os.ReadDir(s.path("tmp"))
	if err != nil {
		return
	}
	for _, entry := range entries {
		dir := s.path("tmp", entry.Name())
		if !entry.IsDir() {
			os.Remove(dir)
			continue
		}
		if f, err := holdAlone(dir); err == nil && f != nil {
			os.RemoveAll(dir)
			f.Close()
		}
	}
}
