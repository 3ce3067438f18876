package archive

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"bootrc/oci/manifest"
)

// files are those of an image's layout: a folder, or an archive of one. Names
// have slashes between their parts.
type files interface {
	// open also returns the file's size, in bytes. If there is no file of that
	// name, the error wraps fs.ErrNotExist.
	open(name string) (io.ReadCloser, int64, error)
	close() error
}

// folder is a layout on disk.
type folder string

func (f folder) open(name string) (io.ReadCloser, int64, error) {
	file, err := os.Open(filepath.Join(string(f), filepath.FromSlash(name)))
	if err != nil {
		return nil, 0, err
	}
	st, err := file.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", file.Name())
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, st.Size(), nil
}

func (f folder) close() error { return nil }

// readFile returns a small file.
func readFile(f files, name string) ([]byte, error) {
	r, _, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return manifest.ReadAll(r, name)
}

// orNone lists what there is, for an error.
func orNone(names []string) string {
	if len(names) == 0 {
		return "it has no names"
	}
	return "it has " + strings.Join(names, ", ")
}
