// Package compression reads what is compressed, and tells by its first bytes how.
package compression

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bootrc/kit/gunzip"
	"bootrc/kit/size"

	"github.com/klauspost/compress/zstd"
)

// Format is how content is compressed, by the name that the kernel has for it.
type Format string

const (
	None  Format = "" // not at all, or nobody knows how
	Gzip  Format = "gzip"
	Zstd  Format = "zstd"
	XZ    Format = "xz"
	Bzip2 Format = "bzip2"
)

// all are those that can be read.
var all = []Format{Gzip, Zstd, XZ, Bzip2}

// Head is how many bytes Of needs.
const Head = 4

// Of tells from the first bytes how content is compressed.
func Of(head []byte) Format {
	begins := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case begins("\x1f\x8b"):
		return Gzip
	case begins("\x28\xb5\x2f\xfd"), isSkippable(head):
		return Zstd
	case begins("\xfd7zX"):
		return XZ
	case begins("BZh"):
		return Bzip2
	}
	return None
}

// isSkippable knows the frame with which a stream of zstd chunks may begin: RFC 8878, 3.1.2.
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// Options are what a reader accepts.
type Options struct {
	Formats []Format // beside None; nil: all that can be read
	Window  uint64   // the most memory that zstd or xz may ask for, in bytes; 0: what zstd(1) takes
}

// usualWindow is what zstd(1) decompresses without being told to use more memory.
const usualWindow = 128 << 20

// Reader is content decompressed.
type Reader struct {
	io.Reader
	Format Format
}

// NewReader returns what r holds, decompressed if it is compressed.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(Head)
	if err != nil && err != io.EOF {
		return nil, err
	}
	format := Of(head)
	plain, err := o.open(format, buffered)
	if err != nil {
		return nil, err
	}
	return &Reader{plain, format}, nil
}

func (o Options) open(format Format, r *bufio.Reader) (io.Reader, error) {
	if format == None {
		return r, nil
	}
	formats := o.Formats
	if formats == nil {
		formats = all
	}
	if !slices.Contains(formats, format) {
		return nil, fmt.Errorf("it is compressed with %s: expected %s", format, oneOf(formats))
	}
	switch format {
	case Gzip:
		return gunzip.NewReader(r)
	case XZ:
		return openXZ(r, o.window())
	case Bzip2:
		return bzip2.NewReader(r), nil
	}
	return o.openZstd(r)
}

func (o Options) window() uint64 {
	if o.Window == 0 {
		return usualWindow
	}
	return o.Window
}

func tooLarge(window uint64) error {
	return fmt.Errorf("it needs more than the %s of memory that decompressing may take here: compress it with a smaller window",
		size.BinaryText(int64(window)))
}

func oneOf(formats []Format) string {
	var names []string
	for _, format := range formats {
		names = append(names, string(format))
	}
	return strings.Join(names, " or ")
}

// openZstd has one goroutine, its caller's: a decoder that is given up leaves nothing behind.
func (o Options) openZstd(r io.Reader) (io.Reader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(o.window()))
	if err != nil {
		return nil, err
	}
	return &zstdReader{z, o.window()}, nil
}

// zstdReader says how much memory a stream may take that asks for more.
type zstdReader struct {
	*zstd.Decoder
	window uint64
}

func (z *zstdReader) Read(p []byte) (int, error) {
	n, err := z.Decoder.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = tooLarge(z.window)
	}
	return n, err
}
