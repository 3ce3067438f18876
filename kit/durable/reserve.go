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

// What a reserve holds, and how little room makes this package give it up. The largest thing
// that is made on a disk before something else can be removed from it is a container.
const (
	reserveName  = ".reserve"
	reserveBytes = 8 << 20
	reserveFiles = 256
	shortBytes   = 2 << 20
	shortFiles   = 64
)

// Reserve sets room aside on the disk that is mounted at a folder, unless it is there, or the
// disk has little itself. A disk that is full up to it can still be put in order: whatever
// this package makes below the folder gives it up, where there is no other room. A folder of
// a larger file system, or in memory, has none.
func Reserve(folder string) error {
	var st unix.Statfs_t
	reserve := filepath.Join(folder, reserveName)
	if _, err := os.Lstat(reserve); !errors.Is(err, fs.ErrNotExist) || !isMountPoint(folder) || unix.Statfs(folder, &st) != nil {
		return nil
	}
	plenty := int64(st.Bavail)*st.Bsize >= 4*reserveBytes && (st.Files == 0 || st.Ffree >= 4*reserveFiles)
	if st.Type == unix.TMPFS_MAGIC || !plenty {
		return nil
	}
	err := fillReserve(reserve)
	if err != nil {
		err = fmt.Errorf("keep some room free in %s: %w", folder, errors.Join(err, inside.RemoveAll(reserve)))
	}
	return err
}

func isMountPoint(folder string) bool {
	var own, above unix.Stat_t
	return unix.Lstat(folder, &own) == nil && unix.Lstat(filepath.Dir(folder), &above) == nil && own.Dev != above.Dev
}

func fillReserve(reserve string) error {
	if err := os.Mkdir(reserve, 0o700); err != nil {
		return err
	}
	for n := range reserveFiles {
		f, err := os.Create(filepath.Join(reserve, fmt.Sprint(n)))
		if err != nil {
			return err
		}
		if n == 0 {
			err = unix.Fallocate(int(f.Fd()), 0, 0, reserveBytes)
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
	if int64(st.Bavail)*st.Bsize >= shortBytes && (st.Files == 0 || st.Ffree >= shortFiles) {
		return
	}
	for ; path != "/" && path != "."; path = filepath.Dir(path) {
		if reserve := filepath.Join(path, reserveName); isFolder(reserve) {
			inside.RemoveAll(reserve)
			Sync(path) // until then, some file systems do not give it to others
			return
		}
	}
}

func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}
