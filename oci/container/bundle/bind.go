package bundle

import (
	"fmt"
	"os"
	"runtime"

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
	return place, attach(tree, source.Name(), place)
}

// attach mounts a tree that is mounted nowhere.
func attach(tree int, name, place string) error {
	defer unix.Close(tree)
	if err := unix.MoveMount(tree, "", unix.AT_FDCWD, place, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount %s %s: %w", name, place, err)
	}
	return nil
}

// BindOf mounts a folder of another process's mounts in a place that goes with the container, and
// returns its path.
func (b *Bundle) BindOf(pid int, folder string) (place string, err error) {
	if place, err = os.MkdirTemp(b.folder, "bind"); err != nil {
		return "", err
	}
	type result struct {
		tree int
		err  error
	}
	opened := make(chan result)
	go func() {
		runtime.LockOSThread() // and it ends with this goroutine, because it is no other's any more
		tree, err := openOf(pid, folder)
		opened <- result{tree, err}
	}()
	r := <-opened
	if r.err != nil {
		return "", r.err
	}
	return place, attach(r.tree, folder, place)
}

// openOf clones a folder's mount as the process sees it, and leaves the thread in its mount namespace.
func openOf(pid int, folder string) (tree int, err error) {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	if err != nil {
		return -1, err
	}
	defer namespace.Close()
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return -1, os.NewSyscallError("unshare", err)
	}
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNS); err != nil {
		return -1, os.NewSyscallError("setns", err)
	}
	if tree, err = unix.OpenTree(unix.AT_FDCWD, folder, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC); err != nil {
		return -1, fmt.Errorf("open_tree %s of process %d: %w", folder, pid, err)
	}
	return tree, nil
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
