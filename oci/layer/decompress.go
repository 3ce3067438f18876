package layer

import (
	"io"
	"sync"

	"bootrc/kit/compression"

	"golang.org/x/sys/unix"
)

// compressed bounds the memory that a stream can ask for: RFC 8878 asks for 8 MiB, the
// strongest usual level of encoders for 32, and zstd --long for 128, which a sixteenth of the
// memory must be, as three layers come at a time.
var compressed = sync.OnceValue(func() compression.Options {
	const least, most, part = 32 << 20, 128 << 20, 16
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return compression.Options{Window: least}
	}
	return compression.Options{Window: min(max(uint64(info.Totalram)*uint64(info.Unit)/part, least), most)}
})

// Decompress returns what r holds, compressed with gzip, zstd, xz or bzip2, or not at all.
// It goes by the content's first bytes, because media types of layers are often
// wrong.
func Decompress(r io.Reader) io.Reader { return &decompressor{source: r} }

type decompressor struct {
	source io.Reader
	r      io.Reader
	err    error
}

func (d *decompressor) Read(p []byte) (n int, err error) {
	if d.err != nil {
		return 0, d.err
	}
	if d.r == nil {
		d.r, err = compression.NewReader(d.source, compressed())
	}
	if err == nil {
		n, err = d.r.Read(p)
	}
	if err != nil && err != io.EOF {
		err = formatError("decompress", err)
	}
	d.err = err
	return n, err
}
