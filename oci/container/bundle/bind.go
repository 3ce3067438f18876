package bundle

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Bind mounts an open file or folder, with what is mounted below it, in a place that goes
// with the container, and returns its path: nobody can lead that elsewhere.
func (b *Bundle) Bind(source *os.File) (place string, err error) {
	if place, err = b.placeFor(source); err != nil {
		return "", err
	}
	tree, err := unix.OpenTree(int(source.Fd()), "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH|unix.AT_RECURSIVE)
	if err != nil {
		return "", fmt.Errorf("open_tree %s: %w", source.Name(), err)
	}
	defer unix.Close(tree)
	if err := unix.MoveMount(tree, "", unix.AT_FDCWD, place, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return "", fmt.Errorf("move_mount %s %s: %w", source.Name(), place, err)
	}
	return place, nil
}

// placeFor makes an empty file or folder on which the source can be mounted.
func (b *Bundle) placeFor(source *os.File) (string, error) {
	info, err := source.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return os.MkdirTemp(b.folder, "bind")
	}
	file, err := os.CreateTemp(b.folder, "bind")
	if err != nil {
		return "", err
	}
	return file.Name(), file.Close()
}
