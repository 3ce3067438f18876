package volume

import (
	"errors"
	"fmt"
	"os"
	"time"

	"bootrc/kit/durable"
	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// Remove deletes a volume. It refuses one that is in use: by a container, or as the mount
// point of a file system, whose files do not belong to the volume.
func (s *Store) Remove(name string) error {
	if _, err := s.metadata(name); errors.Is(err, ErrNotFound) || checkName(name) != nil {
		return err
	}
	w, err := s.take(name)
	if err != nil {
		return err
	}
	if err := errors.Join(durable.SyncFolder(s.root), w.Release()); err != nil {
		return fmt.Errorf("remove volume %s: %w", name, err)
	}
	return nil
}

// take moves a volume to the work folder: from then on no volume has that name.
func (s *Store) take(name string) (*durable.Workspace, error) {
	lock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := s.mustBeFree(name); err != nil {
		return nil, err
	}
	w, err := s.scratch()
	if errors.Is(err, unix.ENOSPC) { // no more than a name fits any more: the files go first
		if err = inside.RemoveAll(s.data(name)); err == nil {
			w, err = s.scratch()
		}
	}
	if err != nil {
		return nil, err
	}
	if err := os.Rename(s.path(name), w.Path("removed")); err != nil {
		return nil, errors.Join(fmt.Errorf("remove volume %s: %w", name, err), w.Release())
	}
	return w, nil
}

// Expired is a volume that Expire has removed.
type Expired struct {
	Volume
	Size int64 // bytes that are free now
}

// Expire removes the volumes that are no longer wanted at a time when no pipeline runs. It
// goes on after a failure. Unless the clock is trusted, a volume is not removed by its date
// where the clock has leapt since the store was used last: the error wraps ErrLeap.
func (s *Store) Expire(now time.Time, trusted bool) ([]Expired, error) {
	all, err := s.List()
	failed := []error{err}
	leap := s.clock(now, trusted)
	var expired []Expired
	for _, v := range all {
		if !v.Expiration.Expired(now) {
			continue
		}
		if leap != nil && !v.Expiration.pipelineEnd {
			failed = append(failed, fmt.Errorf("volume %s stays, though it expired at %v: %w", v.Name, v.Expiration, leap))
			continue
		}
		size := v.Size()
		if err := s.Remove(v.Name); err != nil {
			failed = append(failed, err)
			continue
		}
		expired = append(expired, Expired{v, size})
	}
	return expired, errors.Join(failed...)
}
