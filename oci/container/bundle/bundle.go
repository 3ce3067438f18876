// Package bundle is the folder of one container: its changes to the image, its root,
// and the files and devices that are made for it.
package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bootrc/kit/durable"
	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// rootName is where, in a bundle, the container's root is mounted.
const rootName = "root"

// Bundle is what one container has on disk, and what is mounted there.
type Bundle struct {
	folder string
	layers []string
	lock   *os.File // of the folder, held while the container is there

	devices *hotplug // nil without a /dev that follows the machine's
}

// New makes the bundle of a container in the folder bundles, from the image's layers,
// the lowest first. Where there is one of that name, the error wraps fs.ErrExist.
// What containers have left there when the machine's power was cut is deleted.
func New(bundles, name string, layers []string) (*Bundle, error) {
	if err := os.MkdirAll(bundles, 0o711); err != nil {
		return nil, err
	}
	durable.Sweep(bundles, isMounted)
	b := &Bundle{folder: filepath.Join(bundles, name), layers: layers}
	var err error
	if b.lock, err = durable.Make(context.Background(), b.folder); err != nil {
		return nil, err
	}
	if err := b.fill(); err != nil {
		return nil, errors.Join(err, b.Remove())
	}
	return b, nil
}

// Orphan returns the bundle of that name, if whoever made it is gone: it is to be removed.
func Orphan(bundles, name string) (*Bundle, error) {
	b := &Bundle{folder: filepath.Join(bundles, name)}
	var err error
	if b.lock, err = durable.HoldAlone(b.folder); b.lock == nil {
		return nil, err
	}
	return b, nil
}

// Release leaves the bundle as it is.
func (b *Bundle) Release() error { return b.lock.Close() }

// isMounted tells whether a bundle's root was mounted since the machine was started:
// whoever made it was killed, but its container may still run.
func isMounted(folder string) bool {
	var above, root unix.Stat_t
	if unix.Lstat(folder, &above) != nil || unix.Lstat(filepath.Join(folder, rootName), &root) != nil {
		return false
	}
	return above.Dev != root.Dev
}

func (b *Bundle) fill() error {
	for _, name := range []string{"upper", "work", rootName} {
		if err := os.Mkdir(filepath.Join(b.folder, name), 0o755); err != nil {
			return err
		}
	}
	return b.mountAt(b.Root(), b.layers, b.folder)
}

// Root returns the folder where the container's root is mounted.
func (b *Bundle) Root() string { return filepath.Join(b.folder, rootName) }

// MakeFolder makes a folder that goes with the container, and returns its path.
func (b *Bundle) MakeFolder(name string) (string, error) {
	folder := filepath.Join(b.folder, name)
	return folder, os.Mkdir(folder, 0o755)
}

// MakeMemory makes a folder in memory that goes with the container, with options of tmpfs(5), and
// returns its path.
func (b *Bundle) MakeMemory(name, options string) (string, error) {
	folder, err := b.MakeFolder(name)
	if err != nil {
		return "", err
	}
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_NOSUID|unix.MS_STRICTATIME, options); err != nil {
		return "", fmt.Errorf("mount -t tmpfs tmpfs %s: %w", folder, err)
	}
	return folder, nil
}

// MakeFile makes a file that goes with the container, and returns its path.
func (b *Bundle) MakeFile(name string, content []byte, mode os.FileMode) (string, error) {
	file := filepath.Join(b.folder, name)
	if err := os.WriteFile(file, content, mode); err != nil {
		return "", err
	}
	return file, os.Chmod(file, mode) // whatever the umask
}

// Remove leaves nothing of the container behind.
func (b *Bundle) Remove() error {
	defer b.lock.Close() // whatever is left: the next container of that name removes it
	if b.devices != nil {
		b.devices.stop()
		<-b.devices.ended
	}
	entries, err := os.ReadDir(b.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		place := filepath.Join(b.folder, entry.Name())
		err := unix.Unmount(place, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		if err != nil && err != unix.EINVAL { // nothing is mounted there
			return fmt.Errorf("umount %s: %w", place, err)
		}
	}
	return inside.RemoveAll(b.folder)
}
