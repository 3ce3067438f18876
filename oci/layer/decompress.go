package layer

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a zstd stream can ask for, in bytes. RFC 8878
// asks for 8 MiB; the strongest levels of common encoders use up to 32.
const maxWindow = 32 << 20

// Decompress returns what r holds, compressed with gzip or zstd, or not at all.
// It goes by the content's first bytes, because media types of layers are often
// wrong.
func Decompress(r io.Reader) io.Reader { return &decompressor{source: r} }

// IsCompressed tells from the first four bytes of a blob whether Decompress would
// give other bytes.
func IsCompressed(magic []byte) bool { return isGzip(magic) || isZstd(magic) }

func isGzip(magic []byte) bool { return bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) }

// isZstd also knows the skippable frame with which a stream of chunks may begin:
// RFC 8878, 3.1.2.
func isZstd(magic []byte) bool {
	return bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(magic) == 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:], []byte{0x2a, 0x4d, 0x18})
}

type decompressor struct {
	source io.Reader
	r      io.Reader
	err    error
}

func (d *decompressor) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	if d.r == nil {
		if d.err = d.open(); d.err != nil {
			return 0, d.err
		}
	}
	n, err := d.r.Read(p)
	if err != nil && err != io.EOF {
		err = formatError("decompress", err)
	}
	d.err = err
	return n, err
}

func (d *decompressor) open() error {
	r := bufio.NewReaderSize(d.source, 64<<10)
	magic, err := r.Peek(4)
	if err != nil && err != io.EOF {
		return formatError("decompress", err)
	}
	switch {
	case isGzip(magic):
		d.r, err = gzip.NewReader(r)
	case isZstd(magic):
		// one goroutine, its caller's: this runs beside the other stages
		// already, and a decoder that is given up leaves nothing behind.
		d.r, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	case bytes.HasPrefix(magic, []byte("BZh")), bytes.HasPrefix(magic, []byte{0xfd, '7', 'z', 'X'}):
		return &FormatError{errors.New("compressed, but not with gzip or zstd")}
	default:
		d.r, err = r, nil
	}
	if err != nil {
		return formatError("decompress", err)
	}
	return nil
}
