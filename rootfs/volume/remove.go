package volume

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Remove deletes a volume. It refuses one that is in use: by a container, or as the mount
// point of a file system, whose files are none of the volume's.
func (s *Store) Remove(name string) error {
	if _, err := s.metadata(name); errors.Is(err, ErrNotFound) || checkName(name) != nil {
		return err
	}
	work, err := s.take(name)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("remove volume %s: %w", name, err)
	}
	return nil
}

// take moves a volume to the work folder: from then on no volume has that name.
func (s *Store) take(name string) (work string, err error) {
	lock, err := s.lock()
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := s.mustBeFree(name); err != nil {
		return "", err
	}
	place, err := os.MkdirTemp(s.path(workFolder), "")
	if err != nil {
		return "", err
	}
	if err := os.Rename(s.path(name), filepath.Join(place, "removed")); err != nil {
		os.RemoveAll(place)
		return "", fmt.Errorf("remove volume %s: %w", name, err)
	}
	return place, errors.Join(syncFolder(s.path(workFolder)), syncFolder(s.root))
}

// Expired is a volume that Expire has removed.
type Expired struct {
	Volume
	Size int64 // bytes that are free now
}

// Expire removes the volumes that are no longer wanted at a time when no pipeline runs. It
// goes on after a failure.
func (s *Store) Expire(now time.Time) ([]Expired, error) {
	all, err := s.List()
	failed := []error{err}
	var expired []Expired
	for _, v := range all {
		if !v.Expiration.Expired(now) {
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
