package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// attributesFile is for a store that is carried by an archive without extended attributes, as an
// initramfs is: one line of JSON for each.
const attributesFile = "attributes"

type attribute struct {
	Path  string `json:"path"`
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

// SaveAttributes writes the extended attributes of the layers in a store's folder to a file beside
// them, for RestoreAttributes.
func SaveAttributes(folder string) error {
	f, err := os.Create(filepath.Join(folder, attributesFile))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewWriter(f)
	to := json.NewEncoder(lines)
	err = filepath.WalkDir(filepath.Join(folder, "layers"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !d.Type().IsRegular() {
			return err // others have none: xattr(7)
		}
		return saveOf(to, folder, path)
	})
	return errors.Join(err, lines.Flush(), f.Close())
}

func saveOf(to *json.Encoder, folder, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	values, err := inside.Xattrs(int(f.Fd()))
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(folder, path)
	for name, value := range values {
		err = errors.Join(err, to.Encode(attribute{relative, name, value}))
	}
	return err
}

// RestoreAttributes sets what SaveAttributes wrote, once. The folder is to be trusted.
func RestoreAttributes(folder string) error {
	file := filepath.Join(folder, attributesFile)
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for from := json.NewDecoder(f); ; {
		var a attribute
		if err := from.Decode(&a); err == io.EOF {
			return os.Remove(file)
		} else if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		path := filepath.Join(folder, a.Path)
		if err := unix.Lsetxattr(path, a.Name, a.Value, 0); err != nil {
			return fmt.Errorf("set attribute %s of %s: %w", a.Name, path, err)
		}
	}
}
