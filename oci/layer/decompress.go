package layer

import (
	"io"

	"bootrc/kit/compression"
)

// compressed are what layers are compressed with: image-spec, layer.md. The window
// bounds the memory that a stream can ask for: RFC 8878 asks for 8 MiB, and the strongest
// usual level of encoders for 32.
var compressed = compression.Options{Formats: []compression.Format{compression.Gzip, compression.Zstd}, Window: 32 << 20}

// Decompress returns what r holds, compressed with gzip or zstd, or not at all.
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
		d.r, err = compression.NewReader(d.source, compressed)
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
