package volume

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bootrc/kit/durable"
	"bootrc/kit/regular"
)

// Metadata is what a volume's file volume.json says.
type Metadata struct {
	Created    time.Time         `json:"created"`
	Expiration Expiration        `json:"expiration"`
	Labels     map[string]string `json:"labels,omitempty"`
}

const metadataFile = "volume.json"

// maxMetadata bounds it, in bytes.
const maxMetadata = 1 << 20

// readMetadata reads the metadata of the volume in folder.
func readMetadata(folder string) (m Metadata, err error) {
	file := filepath.Join(folder, metadataFile)
	text, err := regular.Read(file, maxMetadata)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

// write puts the metadata into folder: the old or the new is there, whole, whenever the
// power is cut.
func (m Metadata) write(folder string) error {
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(folder, metadataFile), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return durable.SyncFolder(folder)
}

// metadata reads the metadata of the volume of that name.
func (s *Store) metadata(name string) (Metadata, error) {
	if err := checkName(name); err != nil {
		return Metadata{}, err
	}
	m, err := readMetadata(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := os.Lstat(s.path(name)); missing != nil {
			return m, fmt.Errorf("volume %s: %w", name, ErrNotFound)
		}
	}
	if err != nil {
		return Metadata{}, fmt.Errorf("volume %s is %w: %w", name, ErrDamaged, err)
	}
	return m, nil
}
