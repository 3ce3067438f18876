package archive

import (
	"context"
	"io"
)

// Opener opens what is at an address; size is -1 where nobody knows it.
type Opener func(ctx context.Context, address string) (content io.ReadCloser, size int64, err error)

// web is an image layout at an address: each of its files is below it.
type web struct {
	ctx     context.Context // of the pull
	address string
	opener  Opener
}

// OpenWeb is OpenFolder for a layout at an address.
func OpenWeb(ctx context.Context, address, name string, opener Opener) *Layout {
	return &Layout{files: web{ctx, address, opener}, name: name}
}

func (w web) open(name string) (io.ReadCloser, int64, error) {
	return w.opener(w.ctx, w.address+"/"+name)
}

func (w web) close() error { return nil }
