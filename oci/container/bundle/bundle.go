// Package bundle is the folder of one container: its changes to the image, its root,
// and the files and devices that are made for it.
package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bootrc/kit/durable"

	"golang.org/x/sys/unix"
)

// rootName is where, in a bundle, the container's root is mounted.
const rootName = "root"

// Bundle is what one container has on disk, and what is mounted there.
type Bundle struct {
	folder string
	lock   *os.File // of the folder, held while the container is there
}

// New makes the bundle of a container in the folder bundles, from the image's layers,
// the lowest first. Where there is one of that name, the error wraps fs.ErrExist.
// What containers have left there when the machine's power was cut is deleted.
func New(bundles, name string, layers []string) (*Bundle, error) {
	if err := os.MkdirAll(bundles, 0o711); err != nil {
		return nil, err
	}
	durable.Sweep(bundles, isMounted)
	b := &Bundle{folder: filepath.Join(bundles, name)}
	var err error
	if b.lock, err = durable.Make(context.Background(), b.folder); err != nil {
		return nil, err
	}
	if err := b.fill(layers); err != nil {
		return nil, errors.Join(err, b.Remove())
	}
	return b, nil
}

// isMounted tells whether a bundle's root was mounted since the machine was started:
// whoever made it was killed, but its container may still run.
func isMounted(folder string) bool {
	var above, root unix.Stat_t
	if unix.Lstat(folder, &above) != nil || unix.Lstat(filepath.Join(folder, rootName), &root) != nil {
		return false
	}
	return above.Dev != root.Dev
}

func (b *Bundle) fill(layers []string) error {
	for _, name := range []string{"upper", "work", "l", rootName} {
		if err := os.Mkdir(filepath.Join(b.folder, name), 0o755); err != nil {
			return err
		}
	}
	return b.mount(layers)
}

// Root returns the folder where the container's root is mounted.
func (b *Bundle) Root() string { return filepath.Join(b.folder, rootName) }

// mount lays the image's layers over each other. Links with short names stand
// for the layers, because the options of a mount must fit into one page.
func (b *Bundle) mount(layers []string) error {
	lower := make([]string, len(layers))
	for i, layer := range layers {
		link := filepath.Join(b.folder, "l", strconv.Itoa(i))
		if err := os.Symlink(layer, link); err != nil {
			return err
		}
		lower[len(layers)-1-i] = link
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", strings.Join(lower, ":"),
		filepath.Join(b.folder, "upper"), filepath.Join(b.folder, "work"))
	if len(options) >= os.Getpagesize() {
		return fmt.Errorf("%d layers are more than an overlay mount can take", len(layers))
	}
	if err := unix.Mount("overlay", b.Root(), "overlay", 0, options); err != nil {
		return fmt.Errorf("mount -t overlay overlay %s with %d layers: %w", b.Root(), len(layers), err)
	}
	return nil
}

// MakeFolder makes a folder that goes with the container, and returns its path.
func (b *Bundle) MakeFolder(name string) (string, error) {
	folder := filepath.Join(b.folder, name)
	return folder, os.Mkdir(folder, 0o755)
}

// Remove leaves nothing of the container behind.
func (b *Bundle) Remove() error {
	for _, mounted := range []string{b.dev(), b.Root()} {
		err := unix.Unmount(mounted, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		// not mounted, or not even there: nothing is left of it
		if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("umount %s: %w", mounted, err)
		}
	}
	defer b.lock.Close()
	return os.RemoveAll(b.folder)
}
