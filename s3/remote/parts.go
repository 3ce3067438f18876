package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"bootrc/s3/tree"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

const (
	// multipartSize is from where content goes in parts.
	multipartSize = 32 << 20
	// minPart is the usual size of a part; maxParts is S3's limit to their
	// number: Amazon S3 User Guide, "Amazon S3 multipart upload limits".
	minPart  = 16 << 20
	maxParts = 10000
	mebibyte = 1 << 20
)

// PartSize returns the size of the parts in which so many bytes are sent.
func PartSize(size int64) int64 {
	part := (size + maxParts - 1) / maxParts
	return max(minPart, (part+mebibyte-1)/mebibyte*mebibyte)
}

// putParts uploads in parts, several at a time. None is held in memory. An
// upload that fails is taken back.
func (p *Prefix) putParts(ctx context.Context, e tree.Entry, content io.ReaderAt, o minio.PutObjectOptions, moved func(int64)) error {
	what := fmt.Sprintf("store %q", e.Name)
	key := p.Prefix + e.Name
	p.abortOthers(ctx, key)
	o.UserMetadata["X-Amz-Checksum-Algorithm"] = "CRC32C"
	o.UserMetadata["X-Amz-Checksum-Type"] = "FULL_OBJECT"
	var id string
	err := p.try(ctx, what, func(ctx context.Context) (err error) {
		id, err = p.core.NewMultipartUpload(ctx, p.Bucket, key, o)
		return err
	})
	if err != nil {
		return err
	}
	parts, err := p.sendParts(ctx, e, id, content, moved)
	if err == nil {
		err = p.complete(ctx, e, id, parts)
	}
	if err != nil {
		p.abort(ctx, key, id)
	}
	return err
}

// abort is tried even when ctx is done: parts would stay at the server, unseen.
func (p *Prefix) abort(ctx context.Context, key, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	p.core.AbortMultipartUpload(ctx, p.Bucket, key, id)
}

// abortOthers takes back earlier uploads of the same object that never ended, as
// of a process that was killed: nobody sees their parts, and everybody pays for
// them. Not every key may do that, so it is only tried.
func (p *Prefix) abortOthers(ctx context.Context, key string) {
	list, err := p.core.ListMultipartUploads(ctx, p.Bucket, key, "", "", "", 1000)
	if err != nil {
		return
	}
	for _, upload := range list.Uploads {
		if upload.Key == key {
			p.abort(ctx, key, upload.UploadID)
		}
	}
}

func (p *Prefix) sendParts(ctx context.Context, e tree.Entry, id string, content io.ReaderAt, moved func(int64)) ([]minio.ObjectPart, error) {
	size := PartSize(e.Size)
	parts := make([]minio.ObjectPart, (e.Size+size-1)/size)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(p.streams)
	for i := range parts {
		offset := int64(i) * size
		group.Go(func() error {
			what := fmt.Sprintf("store part %d of %q", i+1, e.Name)
			return p.try(ctx, what, func(ctx context.Context) (err error) {
				parts[i], err = p.sendPart(ctx, p.Prefix+e.Name, id, i+1, content, offset, min(size, e.Size-offset), moved)
				return err
			})
		})
	}
	return parts, group.Wait()
}

func (p *Prefix) sendPart(ctx context.Context, key, id string, number int, content io.ReaderAt, offset, size int64, moved func(int64)) (minio.ObjectPart, error) {
	body, crc, release, err := prepare(content, offset, size)
	if err != nil {
		return minio.ObjectPart{}, err
	}
	defer release()
	options := p.partOptions()
	options.CustomHeader = http.Header{crcHeader: {crc}}
	counted := &counter{reader: body, moved: moved}
	part, err := p.core.PutObjectPart(ctx, p.Bucket, key, id, number, counted, size, options)
	if err == nil && part.ETag == "" {
		err = errNoETag
	}
	counted.end(err)
	part.ChecksumCRC32C = crc
	return part, err
}

func (p *Prefix) complete(ctx context.Context, e tree.Entry, id string, parts []minio.ObjectPart) error {
	list := make([]minio.CompletePart, len(parts))
	for i, part := range parts {
		list[i] = minio.CompletePart{PartNumber: part.PartNumber, ETag: part.ETag, ChecksumCRC32C: part.ChecksumCRC32C}
	}
	whole, err := minio.ChecksumCRC32C.FullObjectChecksum(parts)
	if err != nil {
		return err
	}
	o := p.completeOptions()
	o.UserMetadata = map[string]string{crcHeader: whole.Encoded(), "X-Amz-Checksum-Type": "FULL_OBJECT"}
	attempt := 0
	return p.try(ctx, fmt.Sprintf("store %q", e.Name), func(ctx context.Context) error {
		attempt++
		_, err := p.core.CompleteMultipartUpload(ctx, p.Bucket, p.Prefix+e.Name, id, list, o)
		if attempt > 1 && minio.ToErrorResponse(err).Code == "NoSuchUpload" {
			return p.isStored(ctx, e, whole.Encoded()) // an attempt whose answer was lost
		}
		return err
	})
}

func (p *Prefix) isStored(ctx context.Context, e tree.Entry, crc string) error {
	o, err := p.core.StatObject(ctx, p.Bucket, p.Prefix+e.Name, p.readOptions())
	if err != nil {
		return err
	}
	if o.Size != e.Size || o.ChecksumCRC32C != crc {
		return &permanentError{fmt.Errorf("the server has lost the parts")}
	}
	return nil
}
