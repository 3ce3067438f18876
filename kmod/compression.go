package kmod

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"bootrc/kit/compression"
)

// maxModule bounds a decompressed module or firmware file, in bytes. The largest
// that are shipped are half of it.
const maxModule = 128 << 20

// endings are how the names of compressed modules and firmware files end.
var endings = []string{".gz", ".xz", ".zst"}

// ReadFile returns the content of a module or firmware file, decompressed when
// its name ends in .gz, .xz or .zst.
func ReadFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var image []byte
	if isCompressed(file) {
		image, err = decompress(f, maxModule)
	} else {
		image, err = readAll(f, maxModule)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return image, nil
}

// isCompressed goes by the name: firmware may look like something compressed.
func isCompressed(file string) bool {
	return slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(file, end) })
}

// decompress returns what r decompresses to, or an error if that is more than
// limit bytes.
func decompress(r io.Reader, limit int64) ([]byte, error) {
	z, err := compression.NewReader(r, compression.Options{})
	if err != nil {
		return nil, err
	}
	if z.Format == compression.None {
		return nil, errors.New("not compressed, as its name says")
	}
	image, err := readAll(z, limit)
	if err == nil && len(image) == 0 {
		err = io.ErrUnexpectedEOF
	}
	return image, err
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	return data, err
}
