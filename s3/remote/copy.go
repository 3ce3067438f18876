package remote

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"bootrc/s3/tree"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"
	"golang.org/x/sync/errgroup"
)

// maxCopy is the largest object that one request copies: Amazon S3 API
// Reference, CopyObject.
const maxCopy = 5 << 30

// Copy copies an object of another prefix, under a name of its own and with its
// metadata: within one store at the server, else through this machine, which
// keeps none of it.
func (p *Prefix) Copy(ctx context.Context, name string, src *Prefix, e tree.Entry, moved func(int64)) error {
	key := p.Prefix + name
	o, err := src.lookAt(ctx, e)
	if err != nil {
		return err
	}
	if p.sameStore(src) {
		err := p.copyAtServer(ctx, key, src, e, o.ETag)
		if err == nil {
			moved(e.Size)
		}
		return err
	}
	options := minio.PutObjectOptions{
		UserMetadata:         make(map[string]string),
		ContentType:          o.ContentType,
		ServerSideEncryption: p.Encryption.side,
		DisableContentSha256: true,
	}
	for key, value := range userMetadata(o.Metadata) {
		options.UserMetadata[strings.TrimPrefix(key, "X-Amz-Meta-")] = value
	}
	if e.Size > multipartSize {
		return p.copyParts(ctx, key, src, e, o.ETag, options, moved)
	}
	return p.try(ctx, fmt.Sprintf("copy %q", e.Name), func(ctx context.Context) error {
		return src.pass(ctx, e, o.ETag, 0, e.Size, moved, func(body io.Reader) (string, error) {
			stored, err := p.core.PutObject(ctx, p.Bucket, key, body, e.Size, "", "", options)
			return stored.ETag, err
		}, p.Encryption.hidesMD5())
	})
}

func (p *Prefix) sameStore(src *Prefix) bool {
	return p.Alias.URL == src.Alias.URL && p.Alias.AccessKey == src.Alias.AccessKey
}

func (p *Prefix) copyAtServer(ctx context.Context, key string, src *Prefix, e tree.Entry, etag string) error {
	from := minio.CopySrcOptions{
		Bucket: src.Bucket, Object: src.Prefix + e.Name, MatchETag: etag,
	}
	if src.Encryption.customerKey() {
		from.Encryption = encrypt.SSECopy(src.Encryption.side)
	}
	to := minio.CopyDestOptions{Bucket: p.Bucket, Object: key, Encryption: p.Encryption.side, NumThreads: 4}
	return p.try(ctx, fmt.Sprintf("copy %q", e.Name), func(ctx context.Context) (err error) {
		if e.Size <= maxCopy {
			_, err = p.core.Client.CopyObject(ctx, to, from)
		} else {
			_, err = p.core.ComposeObject(ctx, to, from)
		}
		return changed(err)
	})
}

// pass reads a range, gives it to send, and compares what the server took for
// it with what went by, where its answer is an MD5.
func (p *Prefix) pass(ctx context.Context, e tree.Entry, etag string, offset, length int64, moved func(int64), send func(io.Reader) (string, error), hidden bool) error {
	options := p.readOptions()
	options.Checksum = false
	options.SetMatchETag(etag)
	if length > 0 {
		if err := options.SetRange(offset, offset+length-1); err != nil {
			return err
		}
	}
	body, o, _, err := p.core.GetObject(withContent(ctx, length), p.Bucket, p.Prefix+e.Name, options)
	if err != nil {
		return changed(err)
	}
	defer body.Close()
	if err := isAnswer(o, etag); err != nil {
		return err
	}
	sum := md5.New()
	counted := &counter{reader: io.TeeReader(body, sum), moved: moved}
	stored, err := send(counted)
	switch {
	case err != nil:
	case stored == "":
		err = errNoETag
	case !hidden && isMD5(stored) && hex.EncodeToString(sum.Sum(nil)) != stored:
		err = ErrCorrupt
	}
	counted.end(err)
	return err
}

func (p *Prefix) copyParts(ctx context.Context, key string, src *Prefix, e tree.Entry, etag string, o minio.PutObjectOptions, moved func(int64)) error {
	what := fmt.Sprintf("copy %q", e.Name)
	p.abortOthers(ctx, key)
	var id string
	err := p.try(ctx, what, func(ctx context.Context) (err error) {
		id, err = p.core.NewMultipartUpload(ctx, p.Bucket, key, o)
		return err
	})
	if err != nil {
		return err
	}
	size := PartSize(e.Size)
	parts := make([]minio.CompletePart, (e.Size+size-1)/size)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(p.streams)
	for i := range parts {
		offset := int64(i) * size
		length := min(size, e.Size-offset)
		group.Go(func() error {
			return p.try(groupCtx, what, func(ctx context.Context) error {
				return src.pass(ctx, e, etag, offset, length, moved, func(body io.Reader) (string, error) {
					part, err := p.core.PutObjectPart(ctx, p.Bucket, key, id, i+1, body, length, p.partOptions())
					parts[i] = minio.CompletePart{PartNumber: i + 1, ETag: part.ETag}
					return part.ETag, err
				}, p.Encryption.hidesMD5())
			})
		})
	}
	if err = group.Wait(); err == nil {
		err = p.try(ctx, what, func(ctx context.Context) error {
			_, err := p.core.CompleteMultipartUpload(ctx, p.Bucket, key, id, parts, p.completeOptions())
			return err
		})
	}
	if err != nil {
		p.abort(ctx, key, id)
	}
	return err
}

func (p *Prefix) partOptions() minio.PutObjectPartOptions {
	options := minio.PutObjectPartOptions{DisableContentSha256: true}
	if p.Encryption.customerKey() {
		options.SSE = p.Encryption.side
	}
	return options
}

func (p *Prefix) completeOptions() minio.PutObjectOptions {
	var o minio.PutObjectOptions
	if p.Encryption.customerKey() {
		o.ServerSideEncryption = p.Encryption.side
	}
	return o
}
