package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// inventory is which layers and names the store's own images have, by the hex digits
// of their digests: what one needs to know to remove some. It is written down in
// the file index, to save reading every image at each removal; what the index does
// not know, or where it is damaged, is read from the images.
type inventory map[string]*entry

// entry is an image of the inventory, all in hex digits.
type entry struct {
	id     string
	layers []string // diff IDs
	names  []string // files of the folder names that were the image's
}

// inventory returns what the store's own folders hold. Images that are not whole are
// not in it, unless the index knows them.
func (s *Store) inventory() (inventory, error) {
	digests, err := s.digests()
	if err != nil {
		return nil, err
	}
	index := s.readIndex()
	all, unknown := make(inventory, len(digests)), false
	for _, digest := range digests {
		if e := index[digest.Hex]; e != nil {
			all[digest.Hex] = e
			continue
		}
		image, err := s.loadFrom(s.folders, digest)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all.add(image)
		unknown = true
	}
	if unknown {
		return all, s.nameAll(all)
	}
	return all, nil
}

// nameAll enters the names of all images.
func (s *Store) nameAll(all inventory) error {
	names, err := s.names()
	if err != nil {
		return err
	}
	for digest, list := range names {
		all.name(digest, list)
	}
	return nil
}

func (s inventory) add(image *Image) {
	e := &entry{id: image.ID.Hex}
	for _, diffID := range image.diffIDs {
		e.layers = append(e.layers, diffID.Hex)
	}
	s[image.Digest.Hex] = e
}

// name gives the image the names, and takes them from the others.
func (s inventory) name(image v1.Hash, names []string) {
	for _, name := range names {
		file := filepath.Base(folders{}.namePath(name))
		for hex, e := range s {
			e.names = slices.DeleteFunc(e.names, func(n string) bool { return n == file })
			if hex == image.Hex {
				e.names = append(e.names, file)
			}
		}
	}
}

// layers returns how many images have each layer.
func (s inventory) layers() map[string]int {
	count := make(map[string]int)
	for _, e := range s {
		for _, l := range e.layers {
			count[l]++
		}
	}
	return count
}

// encode returns the index: a line an image, with its digest, its ID, its layers
// and its names, and a last line with a checksum.
func (s inventory) encode() []byte {
	var b bytes.Buffer
	for hex, e := range s {
		fmt.Fprintf(&b, "%s %s %s %s\n", hex, e.id, strings.Join(e.layers, ","), strings.Join(e.names, ","))
	}
	fmt.Fprintf(&b, "%08x\n", crc32.ChecksumIEEE(b.Bytes()))
	return b.Bytes()
}

// readIndex reads the index, or nothing where it is not whole.
func (s *Store) readIndex() inventory {
	text, err := readFile(s.path("index"))
	const last = len("01234567\n")
	if err != nil || len(text) < last {
		return nil
	}
	text, sum := text[:len(text)-last], text[len(text)-last:]
	if string(sum) != fmt.Sprintf("%08x\n", crc32.ChecksumIEEE(text)) {
		return nil
	}
	index := make(inventory)
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(fields) != 4 {
			return nil
		}
		index[fields[0]] = &entry{id: fields[1], layers: splitList(fields[2]), names: splitList(fields[3])}
	}
	return index
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
