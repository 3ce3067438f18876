package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// nameFile is what a file in names says.
type nameFile struct {
	Name  string  `json:"name"`
	Image v1.Hash `json:"image"`
}

func (s *Store) namePath(name string) string {
	sum := sha256.Sum256([]byte(name))
	return s.path("names", hex.EncodeToString(sum[:]))
}

// named returns the manifest digest of the image that has the name.
func (s *Store) named(name string) (v1.Hash, error) {
	n, err := readName(s.namePath(name))
	return n.Image, err
}

func readName(path string) (n nameFile, err error) {
	b, err := readFile(path)
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(b, &n); err != nil {
		return n, fmt.Errorf("%s is damaged: %w", path, ErrNotFound)
	}
	return n, nil
}

func (s *Store) writeName(w *workspace, name string, image v1.Hash) error {
	b, err := json.Marshal(nameFile{name, image})
	if err != nil {
		return err
	}
	temp := filepath.Join(w.dir, "name")
	f, err := os.Create(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil && s.durable {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(temp, s.namePath(name))
}

// names returns every image's names.
func (s *Store) names() (map[v1.Hash][]string, error) {
	files, err := os.ReadDir(s.path("names"))
	if err != nil {
		return nil, err
	}
	names := make(map[v1.Hash][]string)
	for _, file := range files {
		n, err := readName(s.path("names", file.Name()))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names[n.Image] = append(names[n.Image], n.Name)
	}
	for _, list := range names {
		sort.Strings(list)
	}
	return names, nil
}

// isHexPrefix tells what may be the beginning of a digest's hex digits.
func isHexPrefix(s string) bool {
	return len(s) > 0 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}
