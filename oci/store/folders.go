package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/regular"
	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// folders is the store's layout below a root, as it is read.
type folders struct{ root string }

func (f folders) path(elem ...string) string {
	return filepath.Join(append([]string{f.root}, elem...)...)
}

func (f folders) imagePath(digest v1.Hash) string { return f.path("images", digest.Hex) }
func (f folders) layerPath(diffID v1.Hash) string { return f.path("layers", diffID.Hex) }

// layer returns the folder of a layer, or "".
func (f folders) layer(diffID v1.Hash) string {
	if dir := f.layerPath(diffID); isFolder(dir) {
		return dir
	}
	return ""
}

// digests returns those of the images, whole or not, whose digest or ID begins so.
func (f folders) digests(digits string) ([]v1.Hash, error) {
	entries, err := os.ReadDir(f.path("images"))
	if err != nil {
		return nil, err
	}
	var digests []v1.Hash
	for _, entry := range entries {
		digest := v1.Hash{Algorithm: "sha256", Hex: entry.Name()}
		if isHex(entry.Name()) && (strings.HasPrefix(entry.Name(), digits) || strings.HasPrefix(f.id(digest), digits)) {
			digests = append(digests, digest)
		}
	}
	return digests, nil
}

// id returns the hex digits of an image's ID, or "".
func (f folders) id(digest v1.Hash) string {
	raw, err := readFile(f.imagePath(digest)+"/manifest.json", manifest.MaxSize)
	if err != nil {
		return ""
	}
	m, err := v1.ParseManifest(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	return m.Config.Digest.Hex
}

// image returns manifest and configuration, unverified.
func (f folders) image(digest v1.Hash) (raw, config []byte, err error) {
	dir := f.imagePath(digest)
	if raw, err = readFile(dir+"/manifest.json", manifest.MaxSize); err != nil {
		return nil, nil, err
	}
	config, err = readFile(dir+"/config.json", manifest.MaxSize)
	return raw, config, err
}

// readFile reads a file of the store, of at most limit bytes. One that the disk has
// lost, or that is no file, is not there: what it belongs to is pulled again.
func readFile(path string, limit int64) ([]byte, error) {
	b, err := regular.Read(path, limit)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, regular.ErrUnfit) || isDamage(err) {
		return nil, ErrNotFound
	}
	return b, err
}

// isDamage tells errors of reading that come from what is on the disk.
func isDamage(err error) bool {
	for _, errno := range []unix.Errno{unix.EISDIR, unix.ENOTDIR, unix.ELOOP, unix.EIO, unix.EUCLEAN, unix.EBADMSG} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// isHex tells what may be the hex digits of a SHA-256.
func isHex(s string) bool { return len(s) == 64 && isHexPrefix(s) }

// isHexPrefix tells what may be the beginning of a digest's hex digits.
func isHexPrefix(s string) bool {
	return len(s) > 0 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}
