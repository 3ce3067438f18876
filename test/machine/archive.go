package machine

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/cavaliergopher/cpio"
)

// Tree is a folder of this machine, which need not be there, and where its
// files go on an initramfs.
type Tree struct{ From, To string }

// Stack writes to w the initramfs at base, followed by a second archive of
// trees, as the kernel takes them (Documentation/driver-api/early-userspace/
// buffer-format.rst).
func Stack(w io.Writer, base string, trees ...Tree) error {
	first, err := os.ReadFile(base)
	if err != nil {
		return err
	}
	var second bytes.Buffer
	archive := cpio.NewWriter(&second)
	for _, t := range trees {
		if err := t.add(archive); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	// an uncompressed archive begins at a multiple of four
	padding := make([]byte, -len(first)&3)
	_, err = io.Copy(w, io.MultiReader(bytes.NewReader(first), bytes.NewReader(padding), &second))
	return err
}

// add writes the tree to archive. Its files are root's; those that begin with
// #! can be executed.
func (t Tree) add(archive *cpio.Writer) error {
	return filepath.WalkDir(t.From, func(file string, entry fs.DirEntry, err error) error {
		if file == t.From && os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(t.From, file)
		if err != nil {
			return err
		}
		return addFile(archive, file, path.Join(t.To, rel), entry)
	})
}

// addFile writes one file or folder to archive as name.
func addFile(archive *cpio.Writer, file, name string, entry fs.DirEntry) error {
	if entry.IsDir() {
		if name == "." {
			return nil
		}
		return archive.WriteHeader(&cpio.Header{Name: name, Mode: cpio.TypeDir | 0o755})
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	header := &cpio.Header{Name: name, Mode: cpio.TypeReg | cpio.FileMode(ModeOf(data)), Size: int64(len(data)), Links: 1}
	if err := archive.WriteHeader(header); err != nil {
		return fmt.Errorf("add %s: %w", name, err)
	}
	_, err = archive.Write(data)
	return err
}

// ModeOf returns the mode of a file that a person wrote: a script's, or that of any
// other file.
func ModeOf(data []byte) int64 {
	if bytes.HasPrefix(data, []byte("#!")) || bytes.HasPrefix(data, []byte("\x7fELF")) {
		return 0o755
	}
	return 0o644
}
