package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"path"
	"sync"

	"bootrc/s3/tree"

	"github.com/minio/minio-go/v7"
)

const (
	crcHeader = "X-Amz-Checksum-Crc32c"
	// smallSize is up to where an object is held in memory while it is sent.
	smallSize = 1 << 20
)

var buffers = sync.Pool{New: func() any { return new([smallSize]byte) }}

// Put stores an object with its metadata. The server checks what it gets against a
// checksum. Content that changes while it is read is ErrChanged. Large content is sent in
// several parts at a time; moved is told how many bytes were sent; a negative number
// takes back those to be sent again.
func (p *Prefix) Put(ctx context.Context, e tree.Entry, content io.ReaderAt, moved func(int64)) error {
	if e.Size > multipartSize {
		return p.putParts(ctx, e, content, false, moved)
	}
	options, err := p.putOptions(e, content)
	if err != nil {
		return err
	}
	return p.tryUsing(ctx, fmt.Sprintf("store %q", e.Name), lacksChecksums, func(ctx context.Context) error {
		return p.putOnce(ctx, e, content, options, moved)
	})
}

// PutSnapshot stores what content holds, up to the entry's size, although it changes all the
// while: each part of it is read once.
func (p *Prefix) PutSnapshot(ctx context.Context, e tree.Entry, content io.ReaderAt, moved func(int64)) error {
	if e.Size > smallSize {
		return p.putParts(ctx, e, content, true, moved)
	}
	held := make([]byte, e.Size)
	n, err := content.ReadAt(held, 0)
	if err != nil && err != io.EOF {
		return fmt.Errorf("store %q: %w", e.Name, err)
	}
	e.Size = int64(n)
	return p.Put(ctx, e, bytes.NewReader(held[:n]), moved)
}

func (p *Prefix) putOptions(e tree.Entry, content io.ReaderAt) (minio.PutObjectOptions, error) {
	metadata, err := e.Metadata()
	return minio.PutObjectOptions{
		UserMetadata:         metadata,
		ContentType:          contentType(e, content),
		ServerSideEncryption: p.Encryption.side,
		DisableContentSha256: true,
	}, err
}

func (p *Prefix) putOnce(ctx context.Context, e tree.Entry, content io.ReaderAt, o minio.PutObjectOptions, moved func(int64)) error {
	kind := p.digest()
	body, err := prepare(content, 0, e.Size, kind, moved)
	if err != nil {
		return err
	}
	defer body.release()
	md5 := ""
	if kind == contentMD5 {
		md5 = body.announced
	} else {
		o.UserMetadata = maps.Clone(o.UserMetadata)
		o.UserMetadata[crcHeader] = body.announced
	}
	stored, err := p.core.PutObject(ctx, p.Bucket, p.Prefix+e.Name, body, e.Size, md5, "", o)
	return body.answered(kind, stored.ETag, stored.ChecksumCRC32C, err)
}

// errNoETag is an answer to an upload that no S3-compatible server gives: one of
// something in between.
var errNoETag = errors.New("the answer has no ETag: it is not from an S3-compatible server")

// body is content on its way up.
type body struct {
	counter
	release func()
}

// prepare reads content for its checksum, and returns it as a request's body.
func prepare(content io.ReaderAt, offset, size int64, kind digest, moved func(int64)) (*body, error) {
	b := &body{counter: counter{moved: moved, size: size}, release: func() {}}
	sum := kind.new()
	if size <= smallSize {
		buf := buffers.Get().(*[smallSize]byte)
		b.release = func() { buffers.Put(buf) }
		if err := readFull(content, buf[:size], offset); err != nil {
			b.release()
			return nil, err
		}
		sum.Write(buf[:size])
		b.reader = bytes.NewReader(buf[:size])
	} else {
		section := io.NewSectionReader(content, offset, size)
		if n, err := copyBuffered(sum, section); err != nil {
			return nil, &permanentError{err}
		} else if n < size {
			return nil, ErrChanged
		}
		b.reader, b.sum = io.NewSectionReader(content, offset, size), kind.new()
	}
	b.announced = encode(sum)
	return b, nil
}

// answered tells what the answer to an upload means.
func (b *body) answered(kind digest, etag, crc string, err error) error {
	switch {
	case err == nil && etag == "":
		err = errNoETag
	case err == nil && kind == crc32c && crc == "":
		err = errUnverified
	case err != nil && b.changed():
		err = ErrChanged
	}
	b.end(err)
	return err
}

func readFull(content io.ReaderAt, buf []byte, offset int64) error {
	n, err := content.ReadAt(buf, offset)
	switch {
	case n == len(buf):
		return nil
	case err == io.EOF:
		return ErrChanged
	default:
		return &permanentError{err}
	}
}

// copyBuffered copies with a buffer that is used again.
func copyBuffered(w io.Writer, r io.Reader) (int64, error) {
	buf := buffers.Get().(*[smallSize]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, buf[:256<<10])
}

// contentType is what the name's extension says, or what the content looks like:
// people read results in a browser.
func contentType(e tree.Entry, content io.ReaderAt) string {
	if e.Kind == tree.Folder {
		return "application/x-directory"
	}
	if t := mime.TypeByExtension(path.Ext(e.Name)); t != "" {
		return t
	}
	var start [512]byte
	n, err := content.ReadAt(start[:], 0)
	if err != nil && err != io.EOF || n == 0 {
		return "application/octet-stream"
	}
	return http.DetectContentType(start[:n])
}
