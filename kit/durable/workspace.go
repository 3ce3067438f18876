package durable

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// Workspace is a folder to make things in, locked by whoever works in it. A workspace
// without a lock was left behind by a process that is gone.
type Workspace struct {
	dir string
	f   *os.File
}

// Claim returns the workspace in the folder dir, empty, when nobody else has it.
func Claim(ctx context.Context, dir string) (*Workspace, error) {
	NeedRoom(dir)
	f, err := claim(ctx, func() (*os.File, error) {
		for {
			if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
			f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
			if !errors.Is(err, fs.ErrNotExist) { // as when whoever had it deletes it
				return f, err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	w := &Workspace{dir: dir, f: f}
	if err := w.empty(); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

// Folder returns the workspace's folder, open until Release.
func (w *Workspace) Folder() *os.File { return w.f }

// Path returns the path of something in the workspace.
func (w *Workspace) Path(name string) string { return filepath.Join(w.dir, name) }

// Scratch returns a workspace below a folder that nobody else knows of.
func Scratch(parent string) (*Workspace, error) {
	return Claim(context.Background(), filepath.Join(parent, "scratch-"+rand.Text()))
}

func (w *Workspace) empty() error {
	names, err := w.f.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := inside.RemoveAt(w.f, name); err != nil {
			return err
		}
	}
	return nil
}

// Release deletes the workspace with all that is still in it.
func (w *Workspace) Release() error {
	err := inside.RemoveAll(w.dir)
	if cerr := w.f.Close(); err == nil {
		err = cerr
	}
	return err
}

// Sweep deletes, below a folder, files and the folders that nobody has locked, but
// for those that spare returns true of. What cannot be deleted is in nobody's way.
func Sweep(parent string, spare func(dir string) bool) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, entry := range entries {
		path := filepath.Join(parent, entry.Name())
		if !entry.IsDir() {
			os.Remove(path)
			continue
		}
		RemoveUnlocked(path, spare)
	}
}

// RemoveUnlocked deletes a folder that nobody has locked, unless spare returns true of it.
// What cannot be deleted stays.
func RemoveUnlocked(dir string, spare func(dir string) bool) {
	f, err := HoldAlone(dir)
	if f == nil || err != nil {
		return
	}
	defer f.Close()
	if spare == nil || !spare(dir) {
		inside.RemoveAll(dir)
	}
}
