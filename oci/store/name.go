package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"

	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// nameFile is what a file in names says.
type nameFile struct {
	Name  string  `json:"name"`
	Image v1.Hash `json:"image"`
}

func (f folders) namePath(name string) string {
	sum := sha256.Sum256([]byte(name))
	return f.path("names", hex.EncodeToString(sum[:]))
}

// named returns the manifest digest of the image that has the name.
func (f folders) named(name string) (v1.Hash, error) {
	n, err := readName(f.namePath(name))
	return n.Image, err
}

func readName(path string) (n nameFile, err error) {
	b, err := readFile(path, manifest.MaxSize)
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(b, &n); err != nil || !isHex(n.Image.Hex) {
		return n, fmt.Errorf("%s is damaged: %w", path, ErrNotFound)
	}
	return n, nil
}

func encodeName(name string, image v1.Hash) []byte {
	b, err := json.Marshal(nameFile{name, image})
	if err != nil {
		panic(err) // of two strings
	}
	return b
}

// names returns every image's names.
func (f folders) names() (map[v1.Hash][]string, error) {
	files, err := os.ReadDir(f.path("names"))
	if err != nil {
		return nil, err
	}
	names := make(map[v1.Hash][]string)
	for _, file := range files {
		n, err := readName(f.path("names", file.Name()))
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
