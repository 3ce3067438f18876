package durable

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// File is a file that grows beside its place, where nobody takes it for whole. Who makes
// it has it alone until its end, by Place or Discard: what changes a file may read the old
// one after Create.
type File struct {
	*os.File
	place  string
	placed bool
}

// Create begins the file that is to be at path, with that mode whatever the umask, as soon
// as nobody else makes it. What a process that is gone has left of one is emptied.
func Create(ctx context.Context, path string, mode fs.FileMode) (*File, error) {
	NeedRoom(path)
	f, err := claim(ctx, func() (*os.File, error) {
		return os.OpenFile(beside(path), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	})
	if err != nil {
		return nil, err
	}
	file := &File{File: f, place: path}
	if err := errors.Join(f.Truncate(0), f.Chmod(mode)); err != nil {
		file.Discard()
		return nil, err
	}
	return file, nil
}

// beside is where the file of that path grows.
func beside(path string) string {
	dir, name := filepath.Split(path)
	const end, longest = ".new", 255
	return dir + "." + name[:min(len(name), longest-len("."+end))] + end
}

// Place gives the file its path, once its content is on the disk. The name may not be: see
// SyncFolder.
func (f *File) Place() error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), f.place); err != nil {
		return err
	}
	f.placed = true
	return f.Close()
}

// Discard deletes the file, unless it has its place.
func (f *File) Discard() {
	if f.placed {
		return
	}
	os.Remove(f.Name())
	f.Close()
}

// WriteFile makes the file at path, or replaces it: whenever the power is cut, the old or
// the new content is there, whole.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	f, err := Create(context.Background(), path, mode)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Place()
}
