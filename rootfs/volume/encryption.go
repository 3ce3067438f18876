package volume

import (
	"errors"
	"fmt"
	"os"

	"bootrc/rootfs/disk/fscrypt"
)

// Errors about keys, which those of Prepare, Use and Folder wrap.
var (
	ErrWrongKey     = errors.New("it is encrypted with another key (fscrypt_reset_key would delete all that is in it)")
	ErrNoKey        = errors.New("it is encrypted: its key is needed (fscrypt_key=)")
	ErrNotEncrypted = errors.New("it is not encrypted, and there are files in it (fscrypt_reset_key would delete them)")
)

// encrypt encrypts an empty folder.
func encrypt(folder string, key fscrypt.Key) error {
	id, err := fscrypt.AddKey(folder, key)
	switch {
	case errors.Is(err, fscrypt.ErrUnsupported):
		return fmt.Errorf("%w: encrypted volumes need a cache disk (b2c.cache_device=)", err)
	case errors.Is(err, fscrypt.ErrDisabled):
		return fmt.Errorf("%w: b2c.cache_device=reset makes it anew, with encryption", err)
	case err != nil:
		return err
	}
	return fscrypt.Encrypt(folder, id)
}

// unlock makes the files of a volume readable with its key, which is nil where it has none
// or has been given before.
func (s *Store) unlock(name string, key fscrypt.Key) error {
	id, encrypted, err := fscrypt.KeyOf(s.data(name))
	if err != nil {
		return fmt.Errorf("volume %s: %w", name, err)
	}
	switch {
	case !encrypted && key == nil:
		return nil
	case !encrypted:
		err = s.encryptExisting(name, key)
	case key == nil:
		err = s.mustHaveKey(id)
	default:
		err = s.giveKey(id, key)
	}
	if err != nil {
		return fmt.Errorf("volume %s: %w", name, err)
	}
	return nil
}

func (s *Store) mustHaveKey(id fscrypt.Identifier) error {
	there, err := fscrypt.HasKey(s.root, id)
	if err == nil && !there {
		return ErrNoKey
	}
	return err
}

// giveKey gives the kernel the key that id names, and no other.
func (s *Store) giveKey(id fscrypt.Identifier, key fscrypt.Key) error {
	given, err := fscrypt.AddKey(s.root, key)
	if err != nil {
		return err
	}
	if given == id {
		return nil
	}
	return errors.Join(ErrWrongKey, s.forget(given))
}

// forget takes a key away, unless a volume is encrypted with it.
func (s *Store) forget(id fscrypt.Identifier) error {
	used, err := s.keys()
	if err != nil || used[id] {
		return err
	}
	return fscrypt.RemoveKey(s.root, id)
}

// encryptExisting encrypts a volume that is there already, and empty.
func (s *Store) encryptExisting(name string, key fscrypt.Key) error {
	entries, err := os.ReadDir(s.data(name))
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return ErrNotEncrypted
	}
	return encrypt(s.data(name), key)
}

// keys returns the keys that volumes are encrypted with.
func (s *Store) keys() (map[fscrypt.Identifier]bool, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	used := make(map[fscrypt.Identifier]bool)
	for _, name := range names {
		if id, encrypted, e := fscrypt.KeyOf(s.data(name)); e != nil {
			err = errors.Join(err, e)
		} else if encrypted {
			used[id] = true
		}
	}
	return used, err
}
