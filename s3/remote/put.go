package remote

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
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

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	buffers    = sync.Pool{New: func() any { return new([smallSize]byte) }}
)

// Put stores an object with its metadata. The server checks what it gets
// against a checksum, so that content that changes meanwhile is not taken.
// Large content is sent in several parts at a time; moved is told of the bytes
// that were sent, and told less than nothing of those to be sent again.
func (p *Prefix) Put(ctx context.Context, e tree.Entry, content io.ReaderAt, moved func(int64)) error {
	metadata, err := e.Metadata()
	if err != nil {
		return err
	}
	options := minio.PutObjectOptions{
		UserMetadata:         metadata,
		ContentType:          contentType(e, content),
		ServerSideEncryption: p.Encryption.side,
		DisableContentSha256: true,
	}
	if e.Size > multipartSize {
		return p.putParts(ctx, e, content, options, moved)
	}
	return p.try(ctx, fmt.Sprintf("store %q", e.Name), func(ctx context.Context) error {
		return p.putOnce(ctx, e, content, options, moved)
	})
}

func (p *Prefix) putOnce(ctx context.Context, e tree.Entry, content io.ReaderAt, o minio.PutObjectOptions, moved func(int64)) error {
	body, crc, release, err := prepare(content, 0, e.Size)
	if err != nil {
		return err
	}
	defer release()
	metadata := make(map[string]string, len(o.UserMetadata)+1)
	for key, value := range o.UserMetadata {
		metadata[key] = value
	}
	metadata[crcHeader] = crc
	o.UserMetadata = metadata
	counted := &counter{reader: body, moved: moved}
	stored, err := p.core.PutObject(ctx, p.Bucket, p.Prefix+e.Name, counted, e.Size, "", "", o)
	if err == nil && stored.ETag == "" {
		err = errNoETag
	}
	counted.end(err)
	return err
}

// errNoETag is an answer to an upload that no S3-compatible server gives: one of
// something in between.
var errNoETag = errors.New("the answer has no ETag: it is not from an S3-compatible server")

// prepare returns content as a request's body, and its checksum.
func prepare(content io.ReaderAt, offset, size int64) (body io.Reader, crc string, release func(), err error) {
	release = func() {}
	sum := uint32(0)
	if size <= smallSize {
		buf := buffers.Get().(*[smallSize]byte)
		release = func() { buffers.Put(buf) }
		if err := readFull(content, buf[:size], offset); err != nil {
			release()
			return nil, "", nil, err
		}
		sum = crc32.Update(0, castagnoli, buf[:size])
		body = bytes.NewReader(buf[:size])
	} else {
		hash := crc32.New(castagnoli)
		if n, err := copyBuffered(hash, io.NewSectionReader(content, offset, size)); err != nil {
			return nil, "", nil, &permanentError{err}
		} else if n < size {
			return nil, "", nil, ErrChanged
		}
		sum = hash.Sum32()
		body = io.NewSectionReader(content, offset, size)
	}
	return body, encodeCRC(sum), release, nil
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

func encodeCRC(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
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
