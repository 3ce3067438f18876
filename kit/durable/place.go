package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Place moves what was made to its final path. What is there already, of whatever
// kind, comes to where the new one was made.
func Place(made, final string) error {
	err := os.Rename(made, final)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist), errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTDIR):
		return unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, final, unix.RENAME_EXCHANGE)
	}
	return err
}

// PlaceNew is Place where nothing is in the place: else the error wraps fs.ErrExist.
func PlaceNew(made, final string) error {
	return unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, final, unix.RENAME_NOREPLACE)
}

// Sync writes all of a folder's file system to its disk, unless the machine's power
// takes the file system along with it.
func Sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return SyncAll(f)
}

// SyncAll is Sync for an open folder.
func SyncAll(f *os.File) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return fmt.Errorf("statfs %s: %w", f.Name(), err)
	}
	if st.Type == unix.TMPFS_MAGIC || uint32(st.Type) == unix.RAMFS_MAGIC { // of 32 bits on arm
		return nil
	}
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("sync %s: %w", f.Name(), err)
	}
	return nil
}

// SyncFolder writes the names in a folder to its disk: whatever got its place there has it
// for good.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) { // not every file system can
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
