package volume

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"bootrc/kit/durable"
	"bootrc/rootfs/disk/fscrypt"
)

// Options are how a volume is made, or what an existing one shall be.
type Options struct {
	Expiration *Expiration       // nil: never, or as it was
	Labels     map[string]string // added to those that it has
	Key        fscrypt.Key       // what encrypts it; nil: it is not encrypted
	ResetKey   bool              // empty it where it is not encrypted with Key
}

// Create makes a volume. It fails, wrapping fs.ErrExist, if a volume has that name.
func (s *Store) Create(name string, o Options) error {
	if err := checkName(name); err != nil {
		return err
	}
	lock, err := s.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	return s.create(name, o)
}

// Prepare makes a volume if none has that name, and otherwise gives the one
// that is there these options. wiped tells that everything in it was deleted, as
// Options.ResetKey allows. Metadata that is damaged is made anew.
func (s *Store) Prepare(name string, o Options) (wiped bool, err error) {
	lock, err := s.lock()
	if err != nil {
		return false, err
	}
	defer lock.Close()
	m, err := s.metadata(name)
	if errors.Is(err, ErrNotFound) {
		return false, s.create(name, o)
	}
	damaged := errors.Is(err, ErrDamaged)
	if err != nil && !damaged {
		return false, err
	}
	if damaged {
		m.Created = now()
	}
	err = s.unlock(name, o.Key)
	if o.ResetKey && (errors.Is(err, ErrWrongKey) || errors.Is(err, ErrNotEncrypted)) {
		return true, s.replace(name, m, o)
	}
	if err != nil {
		return false, err
	}
	if damaged {
		return false, m.with(o).write(s.path(name))
	}
	return false, s.update(name, m, o)
}

// Use returns the folder of a volume for a container, and makes the volume if it does not
// exist. An encrypted volume must have been given its key before.
func (s *Store) Use(name string) (folder string, err error) {
	if _, err := s.metadata(name); errors.Is(err, ErrNotFound) {
		if _, err := s.Prepare(name, Options{}); err != nil {
			return "", err
		}
	}
	return s.Folder(name)
}

// Folder returns where the files of a volume are.
func (s *Store) Folder(name string) (string, error) {
	if _, err := s.metadata(name); err != nil && !errors.Is(err, ErrDamaged) {
		return "", err
	}
	if err := s.unlock(name, nil); err != nil {
		return "", err
	}
	return s.data(name), nil
}

func (s *Store) data(name string) string { return s.path(name, "data") }

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

func (s *Store) create(name string, o Options) error {
	w, err := s.newWork(name, Metadata{Created: now()}.with(o), o.Key)
	if err != nil {
		return err
	}
	if err = durable.PlaceNew(w.Path(made), s.path(name)); err != nil {
		err = fmt.Errorf("volume %s: %w", name, err)
	}
	return errors.Join(err, durable.SyncFolder(s.root), w.Release())
}

// replace puts an empty volume into the place of one.
func (s *Store) replace(name string, m Metadata, o Options) error {
	if err := s.mustBeFree(name); err != nil {
		return err
	}
	w, err := s.newWork(name, m.with(o), o.Key)
	if err != nil {
		return err
	}
	if err = durable.Place(w.Path(made), s.path(name)); err != nil {
		err = fmt.Errorf("replace volume %s: %w", name, err)
	}
	return errors.Join(err, durable.SyncFolder(s.root), w.Release())
}

// update writes what the options change in the metadata.
func (s *Store) update(name string, m Metadata, o Options) error {
	changed := m.with(o)
	if changed.Expiration == m.Expiration && maps.Equal(changed.Labels, m.Labels) {
		return nil
	}
	return changed.write(s.path(name))
}

// with returns the metadata as the options change it.
func (m Metadata) with(o Options) Metadata {
	if o.Expiration != nil {
		m.Expiration = *o.Expiration
	}
	if len(o.Labels) > 0 {
		labels := make(map[string]string)
		maps.Copy(labels, m.Labels)
		maps.Copy(labels, o.Labels)
		m.Labels = labels
	}
	return m
}

// made is what a volume is called in its workspace.
const made = "volume"

// newWork makes an empty volume in a workspace, on disk before it returns.
func (s *Store) newWork(name string, m Metadata, key fscrypt.Key) (*durable.Workspace, error) {
	w, err := s.scratch()
	if err == nil {
		if err = fill(w.Path(made), m, key); err != nil {
			err = errors.Join(err, w.Release())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("create volume %s: %w", name, err)
	}
	return w, nil
}

// fill makes the folder of an empty volume.
func fill(folder string, m Metadata, key fscrypt.Key) error {
	data := filepath.Join(folder, "data")
	if err := errors.Join(os.Mkdir(folder, 0o711), os.Mkdir(data, 0o755)); err != nil {
		return err
	}
	// whatever the umask
	if err := errors.Join(os.Chmod(folder, 0o711), os.Chmod(data, 0o755)); err != nil {
		return err
	}
	if key != nil {
		if err := encrypt(data, key); err != nil {
			return err
		}
	}
	return errors.Join(m.write(folder), durable.SyncFolder(data))
}
