package volume

import (
	"errors"
	"fmt"
	"slices"

	"bootrc/rootfs/disk/fscrypt"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// Unmount unmounts the file system that is mounted as the volume, if any, and takes the
// volume's key, if it has one, from the kernel. The volume's content is on the disk then
// and cannot be read; nor can that of other volumes with the same key.
func (s *Store) Unmount(name string) error {
	if _, err := s.metadata(name); err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(s.data(name)))
	if err != nil {
		return err
	}
	slices.Reverse(mounts) // what was mounted last goes first
	for _, m := range mounts {
		if err := unix.Unmount(m.Mountpoint, unix.UMOUNT_NOFOLLOW); err != nil {
			return fmt.Errorf("volume %s: unmount %s: %w", name, m.Mountpoint, err)
		}
	}
	id, encrypted, err := fscrypt.KeyOf(s.data(name))
	if err == nil && encrypted {
		err = fscrypt.RemoveKey(s.root, id)
	}
	if err != nil {
		return fmt.Errorf("volume %s: %w", name, err)
	}
	return nil
}
