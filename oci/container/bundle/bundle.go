package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// bundle is the folder of one container: its changes to the image, its root, and
// the files that are made for it.
type bundle struct {
	folder string
	lock   *os.File // of the folder, held while the container is there
}

// newBundle makes the bundle of a name that none has, which else is os.ErrExist.
func newBundle(state, id string, layers []string) (*bundle, error) {
	sweepBundles(state)
	b := &bundle{folder: filepath.Join(state, id)}
	if err := b.claim(); err != nil {
		return nil, err
	}
	if err := b.fill(layers); err != nil {
		b.remove()
		return nil, err
	}
	return b, nil
}

func (b *bundle) fill(layers []string) error {
	for _, name := range []string{"upper", "work", "l", "root"} {
		if err := os.Mkdir(filepath.Join(b.folder, name), 0o755); err != nil {
			return err
		}
	}
	return b.mount(layers)
}

func (b *bundle) root() string { return filepath.Join(b.folder, "root") }

// mount lays the image's layers over each other. Links with short names stand
// for the layers, because the options of a mount must fit into one page.
func (b *bundle) mount(layers []string) error {
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
	if err := unix.Mount("overlay", b.root(), "overlay", 0, options); err != nil {
		return fmt.Errorf("mount -t overlay overlay %s with %d layers: %w", b.root(), len(layers), err)
	}
	return nil
}

// remove leaves nothing of the container behind.
func (b *bundle) remove() error {
	for _, mounted := range []string{b.dev(), b.root()} {
		err := unix.Unmount(mounted, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		// not mounted, or not even there: nothing is left of it
		if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("umount %s: %w", mounted, err)
		}
	}
	defer b.lock.Close()
	return os.RemoveAll(b.folder)
}
