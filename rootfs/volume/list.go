package volume

import (
	"errors"
	"os"
	"strings"

	"bootrc/kit/inside"
	"bootrc/rootfs/disk/fscrypt"

	"github.com/moby/sys/mountinfo"
)

// Volume is one volume, as List and Inspect return it.
type Volume struct {
	Name   string
	Folder string // where its files are
	Key    string // identifier of the key that encrypts it, in hexadecimal; or ""
	Metadata
}

// List returns all volumes, by name. What is damaged is left out, and said in the error.
func (s *Store) List() ([]Volume, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	var all []Volume
	var failed []error
	for _, name := range names {
		v, err := s.Inspect(name)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		all = append(all, v)
	}
	return all, errors.Join(failed...)
}

// Inspect returns the volume of that name.
func (s *Store) Inspect(name string) (Volume, error) {
	m, err := s.metadata(name)
	if err != nil {
		return Volume{}, err
	}
	v := Volume{Name: name, Folder: s.data(name), Metadata: m}
	if mounted, err := mountinfo.GetMounts(mountinfo.SingleEntryFilter(v.Folder)); err != nil || len(mounted) > 0 {
		return v, err // no look at a filesystem, whose server may be away: none of them is encrypted
	}
	id, encrypted, err := fscrypt.KeyOf(v.Folder)
	if encrypted {
		v.Key = id.String()
	}
	return v, err
}

// names returns the names of all volumes, sorted.
func (s *Store) names() ([]string, error) {
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Size returns how much of the disk the volume's files take, in bytes.
func (v Volume) Size() int64 {
	bytes, _ := inside.Usage(v.Folder)
	return bytes
}
