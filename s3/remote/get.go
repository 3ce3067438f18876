package remote

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"

	"bootrc/s3/tree"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

// ErrCorrupt is content that differs from its checksum.
var ErrCorrupt = errors.New("what came differs from its checksum")

// Get fetches an object's content, and completes its entry. What comes is
// checked: its length, and the checksum or the ETag, where there is one that
// can be. Large content comes in several ranges at a time.
func (p *Prefix) Get(ctx context.Context, e tree.Entry, w io.WriterAt, moved func(int64)) (tree.Entry, error) {
	if e.Size > multipartSize {
		return p.getLarge(ctx, e, w, moved)
	}
	err := p.tryUsing(ctx, fmt.Sprintf("fetch %q", e.Name), lacksChecksums, func(ctx context.Context) (err error) {
		e, err = p.getOnce(ctx, e, w, moved)
		return err
	})
	return e, err
}

func (p *Prefix) getOnce(ctx context.Context, e tree.Entry, w io.WriterAt, moved func(int64)) (tree.Entry, error) {
	options := p.readOptions()
	if e.ETag != "" {
		options.SetMatchETag(e.ETag)
	}
	body, o, header, err := p.core.GetObject(withContent(ctx, e.Size), p.Bucket, p.Prefix+e.Name, options)
	if err != nil {
		return e, changed(err)
	}
	defer body.Close()
	sum := md5Of(o)
	if err := isAnswer(o, e.ETag); err != nil {
		return e, err
	}
	if err := fill(w, body, 0, e.Size, sum, moved); err != nil {
		return e, err
	}
	if sum != nil && hex.EncodeToString(sum.Sum(nil)) != o.ETag {
		moved(-e.Size)
		return e, ErrCorrupt
	}
	e.SetMetadata(userMetadata(header))
	return e, nil
}

// Read writes an object's content to w as it comes. What has been written cannot
// be taken back: where it breaks off, it is continued from there.
func (p *Prefix) Read(ctx context.Context, name string, w io.Writer) error {
	e, err := p.Stat(ctx, name)
	if err != nil {
		return err
	}
	done := int64(0)
	return p.tryUsing(ctx, fmt.Sprintf("fetch %q", name), lacksChecksums, func(ctx context.Context) error {
		if done == e.Size {
			return nil
		}
		options := p.readOptions()
		options.SetMatchETag(e.ETag)
		if done > 0 {
			options.SetRange(done, e.Size-1)
		}
		body, o, _, err := p.core.GetObject(withContent(ctx, e.Size-done), p.Bucket, p.Prefix+name, options)
		if err != nil {
			return changed(err)
		}
		defer body.Close()
		if err := isAnswer(o, e.ETag); err != nil {
			return err
		}
		n, err := copyBuffered(&failing{w}, body)
		done += n
		return err
	})
}

// isAnswer fails for an answer that is not what was asked for.
func isAnswer(o minio.ObjectInfo, etag string) error {
	if etag != "" && o.ETag != etag {
		return errors.New("the server sends another object than the one asked for")
	}
	return nil
}

// changed recognises that the object is not the one that was listed any more.
func changed(err error) error {
	if minio.ToErrorResponse(err).Code == "PreconditionFailed" {
		return ErrChanged
	}
	return err
}

// md5Of returns a hash to compare with the object's ETag: nil where minio-go
// checks a checksum, and where the ETag is no MD5.
func md5Of(o minio.ObjectInfo) hash.Hash {
	if o.ChecksumMode == "FULL_OBJECT" || !isMD5(o.ETag) || hidesMD5(o.Headers) {
		return nil
	}
	return md5.New()
}

// hidesMD5 tells from an answer's header that the object is encrypted in a way
// that makes its ETag something else.
func hidesMD5(header http.Header) bool {
	kind := header.Get("X-Amz-Server-Side-Encryption")
	return header.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm") != "" || kind != "" && kind != "AES256"
}

func isMD5(etag string) bool {
	return len(etag) == 2*md5.Size && strings.Trim(etag, "0123456789abcdef") == ""
}

// fill writes a body of a known size to its place.
func fill(w io.WriterAt, body io.Reader, offset, size int64, sum io.Writer, moved func(int64)) error {
	counted := &counter{reader: body, moved: moved}
	to := io.Writer(io.NewOffsetWriter(w, offset))
	to = &failing{to}
	if sum != nil {
		to = io.MultiWriter(to, sum)
	}
	n, err := copyBuffered(to, io.LimitReader(counted, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes came, not %d", n, size)
	}
	counted.end(err)
	return err
}

// failing marks errors of this machine's disk: to try again does not help.
type failing struct{ io.Writer }

func (f *failing) Write(b []byte) (int, error) {
	n, err := f.Writer.Write(b)
	if err != nil {
		err = &permanentError{err}
	}
	return n, err
}

// getLarge fetches all again where it was altered on the way: the checksum of the
// whole does not tell which range it was.
func (p *Prefix) getLarge(ctx context.Context, e tree.Entry, w io.WriterAt, moved func(int64)) (tree.Entry, error) {
	for n := 0; ; n++ {
		got, err := p.getRanges(ctx, e, w, moved)
		if !errors.Is(err, ErrCorrupt) || n >= p.retries.Retries || ctx.Err() != nil {
			return got, err
		}
		moved(-e.Size)
	}
}

// getRanges fetches in ranges, several at a time, all of the same object.
func (p *Prefix) getRanges(ctx context.Context, e tree.Entry, w io.WriterAt, moved func(int64)) (tree.Entry, error) {
	o, err := p.lookAt(ctx, e)
	if err != nil {
		return e, err
	}
	e.SetMetadata(userMetadata(o.Metadata))
	kind, want := wholeChecksum(o)
	size := PartSize(e.Size)
	parts := make([]minio.ObjectPart, (e.Size+size-1)/size)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(p.streams)
	for i := range parts {
		offset := int64(i) * size
		length := min(size, e.Size-offset)
		group.Go(func() error {
			what := fmt.Sprintf("fetch %q from byte %d on", e.Name, offset)
			return p.try(groupCtx, what, func(ctx context.Context) error {
				sum, err := p.getRange(ctx, e, o.ETag, w, offset, length, kind, moved)
				parts[i] = minio.ObjectPart{PartNumber: i + 1, Size: length}
				setChecksum(&parts[i], kind, sum)
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return e, err
	}
	if kind.IsSet() {
		if whole, err := kind.FullObjectChecksum(parts); err != nil || whole.Encoded() != want {
			return e, fmt.Errorf("fetch %q: %w", e.Name, ErrCorrupt)
		}
	}
	return e, nil
}

// lookAt finds out which object all ranges have to come from.
func (p *Prefix) lookAt(ctx context.Context, e tree.Entry) (o minio.ObjectInfo, err error) {
	err = p.tryUsing(ctx, fmt.Sprintf("look at %q", e.Name), lacksChecksums, func(ctx context.Context) error {
		options := p.readOptions()
		if e.ETag != "" {
			options.SetMatchETag(e.ETag)
		}
		o, err = p.core.StatObject(ctx, p.Bucket, p.Prefix+e.Name, options)
		if err == nil && o.Size != e.Size {
			err = ErrChanged
		}
		return changed(err)
	})
	return o, err
}

func (p *Prefix) getRange(ctx context.Context, e tree.Entry, etag string, w io.WriterAt, offset, length int64, kind minio.ChecksumType, moved func(int64)) ([]byte, error) {
	options := p.readOptions()
	options.Checksum = false // it is one of the whole
	options.SetMatchETag(etag)
	if err := options.SetRange(offset, offset+length-1); err != nil {
		return nil, err
	}
	body, o, _, err := p.core.GetObject(withContent(ctx, length), p.Bucket, p.Prefix+e.Name, options)
	if err != nil {
		return nil, changed(err)
	}
	defer body.Close()
	if err := isAnswer(o, etag); err != nil {
		return nil, err
	}
	var sum hash.Hash
	if kind.IsSet() {
		sum = kind.Hasher()
		err = fill(w, body, offset, length, sum, moved)
		return sum.Sum(nil), err
	}
	return nil, fill(w, body, offset, length, nil, moved)
}

// wholeChecksum returns a checksum of the whole object that those of its ranges
// can be put together to.
func wholeChecksum(o minio.ObjectInfo) (minio.ChecksumType, string) {
	if o.ChecksumMode == "FULL_OBJECT" {
		for _, kind := range []minio.ChecksumType{minio.ChecksumCRC32C, minio.ChecksumCRC64NVME, minio.ChecksumCRC32} {
			if sum := o.Checksum(kind); sum != "" {
				return kind, sum
			}
		}
	}
	return minio.ChecksumNone, ""
}

func setChecksum(part *minio.ObjectPart, kind minio.ChecksumType, sum []byte) {
	text := base64.StdEncoding.EncodeToString(sum)
	switch kind {
	case minio.ChecksumCRC32C:
		part.ChecksumCRC32C = text
	case minio.ChecksumCRC64NVME:
		part.ChecksumCRC64NVME = text
	case minio.ChecksumCRC32:
		part.ChecksumCRC32 = text
	}
}
