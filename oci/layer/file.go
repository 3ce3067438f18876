package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"golang.org/x/sys/unix"
)

const (
	copySize  = 128 << 10 // bytes given to one write(2)
	holeBlock = 4 << 10   // the least that a hole in a sparse file saves

	// maxSparse bounds sparse files, in bytes: archive/tar gives holes as zeros, so
	// that an archive of one KiB could keep a CPU busy for days. image-spec layer.md
	// asks builders to use none.
	maxSparse = 64 << 30
)

// makeFile creates a regular file with its content, or says EEXIST.
func (t *tree) makeFile(ctx context.Context, e entry, content io.Reader) error {
	fd := -1
	err := retry(func() (err error) {
		const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
		fd, err = unix.Openat(e.parent, e.base, flags, e.mode&0o777)
		return err
	})
	if err != nil {
		return err
	}
	err = t.fillFile(ctx, fd, e, content)
	if cerr := unix.Close(fd); err == nil && cerr != nil && cerr != unix.EINTR {
		err = writeError(e, cerr)
	}
	return err
}

func (t *tree) fillFile(ctx context.Context, fd int, e entry, content io.Reader) error {
	var err error
	if isSparse(e.Header) {
		err = t.copySparse(ctx, fd, e, content)
	} else {
		err = t.copyContent(ctx, fd, e, content)
	}
	if err != nil {
		return err
	}
	return t.setFile(fd, e)
}

func (t *tree) copyContent(ctx context.Context, fd int, e entry, content io.Reader) error {
	for at := int64(0); at < e.Size; {
		n, err := content.Read(t.buf[:min(e.Size-at, copySize)])
		if err := writeAt(fd, t.buf[:n], at); err != nil {
			return writeError(e, err)
		}
		at += int64(n)
		t.report.Bytes += int64(n)
		if at == e.Size {
			break
		}
		if err := readError(ctx, e, err); err != nil {
			return err
		}
	}
	return nil
}

// copySparse leaves out blocks of zeros.
func (t *tree) copySparse(ctx context.Context, fd int, e entry, content io.Reader) error {
	if e.Size > maxSparse {
		return &FormatError{fmt.Errorf("archive entry %q: sparse file of %d bytes, more than the %d allowed", e.Name, e.Size, int64(maxSparse))}
	}
	if err := unix.Ftruncate(fd, e.Size); err != nil {
		return writeError(e, err)
	}
	for at := int64(0); at < e.Size; {
		n, err := io.ReadFull(content, t.buf[:min(e.Size-at, copySize)])
		for block := range blocks(t.buf[:n]) {
			if !allZero(block.data) {
				if err := writeAt(fd, block.data, at+block.at); err != nil {
					return writeError(e, err)
				}
				t.report.Bytes += int64(len(block.data))
			}
		}
		at += int64(n)
		if err := readError(ctx, e, err); err != nil {
			return err
		}
	}
	return nil
}

func isSparse(h *tar.Header) bool {
	return h.Typeflag == tar.TypeGNUSparse ||
		h.PAXRecords["GNU.sparse.major"] != "" || h.PAXRecords["GNU.sparse.size"] != ""
}

type block struct {
	at   int64
	data []byte
}

// blocks divides b into blocks, and each can be a hole.
func blocks(b []byte) iter.Seq[block] {
	return func(yield func(block) bool) {
		for at := 0; at < len(b); at += holeBlock {
			if !yield(block{int64(at), b[at:min(at+holeBlock, len(b))]}) {
				return
			}
		}
	}
}

func allZero(b []byte) bool {
	return len(b) == 0 || b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}

func writeAt(fd int, b []byte, at int64) error {
	for len(b) > 0 {
		n, err := unix.Pwrite(fd, b, at)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		b, at = b[n:], at+int64(n)
	}
	return nil
}

func writeError(e entry, err error) error {
	return fmt.Errorf("write %s (%d bytes): %w", e.path, e.Size, err)
}

func readError(ctx context.Context, e entry, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return formatError("read archive entry "+e.path, err)
}
