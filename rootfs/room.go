package rootfs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// MakeRoom makes room on the file system of root, which is /, if the initramfs has filled it: its
// limit is half of the memory that was free while the initramfs, which is unpacked into it, was in
// memory, too. Then the initramfs is cut off, and whatever has only a part of its content is
// removed. One such file is returned, if there is one.
func MakeRoom(root string) (cut bool, at string, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(root, &st); err != nil || st.Type != unix.TMPFS_MAGIC || st.Bavail > 0 {
		return false, "", err
	}
	if err := unix.Mount("", root, "", unix.MS_REMOUNT, "size=50%"); err != nil {
		return true, "", fmt.Errorf("mount -o remount,size=50%% %s: %w", root, err)
	}
	at, err = removeHoles(root)
	return true, at, err
}

// removeHoles removes the files below root that take less room than their size, on its own file
// system alone, and returns one of them.
func removeHoles(root string) (removed string, err error) {
	var top unix.Stat_t
	if err := unix.Lstat(root, &top); err != nil {
		return "", err
	}
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		var st unix.Stat_t
		if err != nil || unix.Lstat(file, &st) != nil {
			return err
		}
		if st.Dev != top.Dev && entry.IsDir() {
			return fs.SkipDir
		}
		if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Blocks*512 >= st.Size {
			return nil
		}
		removed = file
		return os.Remove(file)
	})
	return removed, err
}
