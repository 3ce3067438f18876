package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// What a reserve holds: a small part of the disk, and no more than this. The largest thing
// that is made on a disk before something else can be removed from it is a container.
const (
	reserveName  = ".reserve"
	reserveBytes = 8 << 20
	reservePart  = 64
	reserveFiles = 256
)

// Where less than a part of a reserve is free, it is given up.
const shortPart = 4

func reserveOf(st *unix.Statfs_t) (bytes int64) {
	return min(int64(st.Blocks)*int64(st.Bsize)/reservePart, reserveBytes)
}

// isFree tells whether that is free on the file system.
func isFree(st *unix.Statfs_t, bytes, files int64) bool {
	return int64(st.Bavail)*int64(st.Bsize) >= bytes && (st.Files == 0 || int64(st.Ffree) >= files)
}

// Reserve sets room aside on the disk that is mounted at a folder, unless it is there, or little
// is free. A disk that is full up to it can still be put in order: whatever
// this package makes below the folder gives it up, where there is no other room. A folder of
// a larger file system, or in memory, has none.
func Reserve(folder string) error {
	var st unix.Statfs_t
	reserve := filepath.Join(folder, reserveName)
	if _, err := os.Lstat(reserve); !errors.Is(err, fs.ErrNotExist) || !isMountPoint(folder) || unix.Statfs(folder, &st) != nil {
		return nil
	}
	size := reserveOf(&st)
	if st.Type == unix.TMPFS_MAGIC || !isFree(&st, 4*size, 4*reserveFiles) {
		return nil
	}
	err := fillReserve(reserve, size)
	if err != nil {
		err = fmt.Errorf("keep some room free in %s: %w", folder, errors.Join(err, inside.RemoveAll(reserve)))
	}
	return err
}

func isMountPoint(folder string) bool {
	var own, above unix.Stat_t
	return unix.Lstat(folder, &own) == nil && unix.Stat(filepath.Dir(folder), &above) == nil && own.Dev != above.Dev
}

func fillReserve(reserve string, size int64) error {
	if err := os.Mkdir(reserve, 0o700); err != nil {
		return err
	}
	for n := range reserveFiles {
		f, err := os.Create(filepath.Join(reserve, fmt.Sprint(n)))
		if err != nil {
			return err
		}
		if n == 0 {
			err = unix.Fallocate(int(f.Fd()), 0, 0, size)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// NeedRoom gives the reserve up where the file system of that path has no other room.
func NeedRoom(path string) {
	var st unix.Statfs_t
	for unix.Statfs(path, &st) != nil {
		if path == "/" || path == "." {
			return
		}
		path = filepath.Dir(path)
	}
	if isFree(&st, reserveOf(&st)/shortPart, reserveFiles/shortPart) {
		return
	}
	for ; path != "/" && path != "."; path = filepath.Dir(path) {
		if !isMountPoint(path) {
			continue
		}
		if reserve := filepath.Join(path, reserveName); isFolder(reserve) {
			inside.RemoveAll(reserve)
			Sync(path) // until then, some file systems do not give it to others
		}
		return // what is above is another file system
	}
}

func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}
