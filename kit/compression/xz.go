package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// openXZ refuses a stream that says in its first block that it needs more memory than that.
func openXZ(r *bufio.Reader, window uint64) (io.Reader, error) {
	dictionary, err := xzDictionary(r)
	if err != nil {
		return nil, err
	}
	if dictionary > window {
		return nil, tooLarge(window)
	}
	return xz.NewReader(r)
}

// The .xz file format, 2.1.1 and 3.1: the stream's header, the size of a block's header in
// units of four bytes, its flags, and the filter that has a dictionary.
const (
	xzStreamHeader = 12
	xzFilters      = 0x03 // their number, but for one
	xzPacked       = 0x40 // the compressed size is there
	xzPlain        = 0x80 // the uncompressed size is there
	xzLZMA2        = 0x21
)

var errXZ = errors.New("its header is broken")

// xzDictionary returns the size of the dictionary of the first block, in bytes; 0 where there
// is none.
func xzDictionary(r *bufio.Reader) (uint64, error) {
	head, err := r.Peek(xzStreamHeader + 1)
	if err != nil {
		return 0, cutOff(err)
	}
	size := (int(head[xzStreamHeader]) + 1) * 4
	if head[xzStreamHeader] == 0 { // that of the index: there is no block
		return 0, nil
	}
	if head, err = r.Peek(xzStreamHeader + size); err != nil {
		return 0, cutOff(err)
	}
	flags, rest := head[xzStreamHeader+1], head[xzStreamHeader+2:]
	next := func() uint64 {
		n, length := binary.Uvarint(rest)
		rest = rest[max(length, 0):]
		return n
	}
	for _, there := range []byte{xzPacked, xzPlain} {
		if flags&there != 0 {
			next()
		}
	}
	for range int(flags&xzFilters) + 1 {
		filter, properties := next(), next()
		if properties > uint64(len(rest)) {
			return 0, errXZ
		}
		if filter == xzLZMA2 && properties == 1 {
			bytes, err := lzma.DecodeDictCap(rest[0])
			return uint64(bytes), err
		}
		rest = rest[properties:]
	}
	return 0, errXZ
}

// cutOff is the error for data that ends too early.
func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
