// Package gunzip reads gzip data: RFC 1952. It is there for its speed (docs/decisions.md).
package gunzip

import (
	"errors"
	"hash/crc32"
	"io"
)

// Errors of data that are not gzip's, or are damaged.
var (
	ErrFormat   = errors.New("gzip: invalid data")
	ErrChecksum = errors.New("gzip: invalid checksum")
)

// Reader reads the content of one or more members, one after another.
type Reader struct {
	data *inflater
	sum  uint32 // of the member's content so far
	size uint32
	err  error
}

// NewReader reads the first member's header. The Reader may read more from r than what it returns
// came from.
func NewReader(r io.Reader) (*Reader, error) {
	z := &Reader{data: newInflater(r)}
	return z, z.begin()
}

// Read returns io.ErrUnexpectedEOF for data that ends too early, and ErrFormat or ErrChecksum for what is damaged.
func (z *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for z.err == nil && len(z.data.ready()) == 0 {
		if z.err = z.data.decode(); z.err == io.EOF {
			z.err = z.next()
		}
	}
	n := copy(p, z.data.ready())
	if n == 0 {
		return 0, z.err
	}
	z.data.taken += n
	z.sum = crc32.Update(z.sum, crc32.IEEETable, p[:n])
	z.size += uint32(n)
	return n, nil
}

// next checks the end of a member, and begins the next. If there is none, it returns io.EOF.
func (z *Reader) next() error {
	trailer := header{data: z.data}
	sum, size := trailer.uint32(), trailer.uint32()
	switch ended, err := z.data.atEnd(); {
	case trailer.err != nil:
		return trailer.err
	case sum != z.sum || size != z.size:
		return ErrChecksum
	case err != nil:
		return err
	case ended:
		return io.EOF
	}
	return z.begin()
}

// The flags of a header: RFC 1952, 2.3.1. The reserved ones are passed over, as by podman and docker.
const (
	hasSum     = 1 << 1
	hasExtra   = 1 << 2
	hasName    = 1 << 3
	hasComment = 1 << 4
)

// begin passes over a member's header: RFC 1952, 2.3.
func (z *Reader) begin() error {
	h := header{data: z.data}
	magic := h.uint32()
	flags := byte(magic >> 24)
	if h.err == nil && magic&0xffffff != 0x088b1f {
		return ErrFormat
	}
	h.skip(6) // time, level, system
	if flags&hasExtra != 0 {
		h.skip(int(h.uint16()))
	}
	for _, flag := range []byte{hasName, hasComment} {
		for flags&flag != 0 && h.byte() != 0 && h.err == nil {
		}
	}
	if sum := uint16(h.sum); flags&hasSum != 0 && h.uint16() != sum && h.err == nil {
		return ErrChecksum
	}
	z.sum, z.size = 0, 0
	z.data.reset()
	return h.err
}

// header reads the bytes between streams of DEFLATE, up to the first error. It returns zeroes then.
type header struct {
	data *inflater
	sum  uint32
	err  error
}

func (h *header) byte() byte {
	if h.err != nil {
		return 0
	}
	var b int
	b, h.err = h.data.bits(8)
	h.sum = crc32.Update(h.sum, crc32.IEEETable, []byte{byte(b)})
	return byte(b)
}

func (h *header) uint16() uint16 { return uint16(h.byte()) | uint16(h.byte())<<8 }
func (h *header) uint32() uint32 { return uint32(h.uint16()) | uint32(h.uint16())<<16 }

func (h *header) skip(n int) {
	for range n {
		h.byte()
	}
}
