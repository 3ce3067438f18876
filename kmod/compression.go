package kmod

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxModule bounds a decompressed module or firmware file, in bytes. The largest
// that are shipped are half of it.
const maxModule = 128 << 20

// ReadFile returns the content of a module or firmware file, decompressed when
// its name ends in .gz, .xz or .zst.
func ReadFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	image, err := decompress(f, compression(file), maxModule)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return image, nil
}

// compression returns the end of a file's name that says how it is compressed,
// or "".
func compression(file string) string {
	for _, end := range []string{".gz", ".xz", ".zst"} {
		if strings.HasSuffix(file, end) {
			return end
		}
	}
	return ""
}

// decompress returns what r decompresses to, or an error if that is more than
// limit bytes. The kind is compression's; of "" r is read as it is.
func decompress(r io.Reader, kind string, limit int64) ([]byte, error) {
	switch kind {
	case ".gz":
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	case ".xz":
		z, err := xz.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	case ".zst":
		// one goroutine, and no more memory than the stream's own window
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	}
	image, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if kind != "" && len(image) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if int64(len(image)) > limit {
		return nil, fmt.Errorf("larger than %d bytes when decompressed", limit)
	}
	return image, nil
}
