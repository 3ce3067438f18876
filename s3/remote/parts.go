package remote

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
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

// putParts uploads in parts, several at a time. None is held in memory, but for a
// snapshot. An upload that fails is taken back. Where the store turns out not to
// know checksums, all begins again without them.
func (p *Prefix) putParts(ctx context.Context, e tree.Entry, content io.ReaderAt, snapshot bool, moved func(int64)) error {
	kind := p.digest()
	err := p.putPartsWith(ctx, kind, e, content, snapshot, moved)
	if err != nil && ctx.Err() == nil && kind != p.digest() {
		err = p.putPartsWith(ctx, p.digest(), e, content, snapshot, moved)
	}
	return err
}

func (p *Prefix) putPartsWith(ctx context.Context, kind digest, e tree.Entry, content io.ReaderAt, snapshot bool, moved func(int64)) error {
	o, err := p.putOptions(e, content)
	if err != nil {
		return err
	}
	if kind == crc32c {
		o.UserMetadata["X-Amz-Checksum-Algorithm"] = "CRC32C"
		o.UserMetadata["X-Amz-Checksum-Type"] = "FULL_OBJECT"
	}
	u := &upload{Prefix: p, name: e.Name, size: e.Size, kind: kind, moved: moved}
	if err := u.begin(ctx, o); err != nil {
		return err
	}
	if snapshot {
		err = u.sendSnapshot(ctx, content)
	} else {
		err = u.send(ctx, content)
	}
	if err == nil {
		err = u.complete(ctx)
	}
	if err != nil {
		p.abort(ctx, p.Prefix+e.Name, u.id)
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

// upload is an object on its way up in parts, all with one kind of checksum.
type upload struct {
	*Prefix
	name  string
	size  int64
	kind  digest
	id    string
	parts []minio.ObjectPart
	moved func(int64)
}

func (u *upload) key() string { return u.Prefix.Prefix + u.name }

// try is the store's, for requests with the upload's kind of checksum: an upload does not
// change it on its way.
func (u *upload) try(ctx context.Context, what string, f func(context.Context) error) error {
	return u.Store.try(ctx, fmt.Sprintf("%s %q", what, u.name), func(ctx context.Context) error {
		err := f(ctx)
		if u.kind == crc32c && u.dialect.learn(err, lacksChecksums, 0) {
			err = &permanentError{err}
		}
		return err
	})
}

func (u *upload) begin(ctx context.Context, o minio.PutObjectOptions) error {
	u.abortOthers(ctx, u.key())
	return u.try(ctx, "store", func(ctx context.Context) (err error) {
		u.id, err = u.core.NewMultipartUpload(ctx, u.Bucket, u.key(), o)
		return err
	})
}

// send sends all parts, several at a time.
func (u *upload) send(ctx context.Context, content io.ReaderAt) error {
	size := PartSize(u.size)
	u.parts = make([]minio.ObjectPart, (u.size+size-1)/size)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(u.streams)
	for i := range u.parts {
		offset := int64(i) * size
		group.Go(func() (err error) {
			u.parts[i], err = u.sendPart(ctx, i+1, content, offset, min(size, u.size-offset))
			return err
		})
	}
	return group.Wait()
}

// snapshotPart is the size of a part that is held in memory; none but the last can be less
// than 5 MiB.
const snapshotPart = 8 << 20

// sendSnapshot sends part after part from memory, until the content ends. Each store
// holds one part at a time.
func (u *upload) sendSnapshot(ctx context.Context, content io.ReaderAt) error {
	u.snapshots.Lock()
	defer u.snapshots.Unlock()
	held := make([]byte, min(u.size, max(snapshotPart, (u.size+maxParts-1)/maxParts)))
	for offset := int64(0); offset < u.size || len(u.parts) == 0; {
		part := held[:min(int64(len(held)), u.size-offset)]
		n, err := content.ReadAt(part, offset)
		if err != nil && err != io.EOF {
			return fmt.Errorf("store %q: %w", u.name, err)
		}
		sent, err := u.sendPart(ctx, len(u.parts)+1, bytes.NewReader(part[:n]), 0, int64(n))
		if err != nil {
			return err
		}
		u.parts = append(u.parts, sent)
		offset += int64(n)
		if n < len(part) {
			u.size = offset
		}
	}
	return nil
}

func (u *upload) sendPart(ctx context.Context, number int, content io.ReaderAt, offset, size int64) (part minio.ObjectPart, err error) {
	err = u.try(ctx, fmt.Sprintf("store part %d of", number), func(ctx context.Context) (err error) {
		part, err = u.sendPartOnce(ctx, number, content, offset, size)
		return err
	})
	return part, err
}

func (u *upload) sendPartOnce(ctx context.Context, number int, content io.ReaderAt, offset, size int64) (minio.ObjectPart, error) {
	body, err := prepare(content, offset, size, u.kind, u.moved)
	if err != nil {
		return minio.ObjectPart{}, err
	}
	defer body.release()
	options := u.partOptions()
	if u.kind == contentMD5 {
		options.Md5Base64 = body.announced
	} else {
		options.CustomHeader = http.Header{crcHeader: {body.announced}}
	}
	part, err := u.core.PutObjectPart(ctx, u.Bucket, u.key(), u.id, number, body, size, options)
	err = body.answered(u.kind, part.ETag, part.ChecksumCRC32C, err)
	part.Size = size
	if u.kind == crc32c {
		part.ChecksumCRC32C = body.announced // not what the server says of it
	}
	return part, err
}

func (u *upload) complete(ctx context.Context) error {
	list := make([]minio.CompletePart, len(u.parts))
	for i, part := range u.parts {
		list[i] = minio.CompletePart{PartNumber: part.PartNumber, ETag: part.ETag, ChecksumCRC32C: part.ChecksumCRC32C}
	}
	o, crc := u.completeOptions(), ""
	if u.kind == crc32c {
		whole, err := minio.ChecksumCRC32C.FullObjectChecksum(u.parts)
		if err != nil {
			return err
		}
		crc = whole.Encoded()
		o.UserMetadata = map[string]string{crcHeader: crc, "X-Amz-Checksum-Type": "FULL_OBJECT"}
	}
	attempt := 0
	return u.try(ctx, "store", func(ctx context.Context) error {
		attempt++
		_, err := u.core.CompleteMultipartUpload(ctx, u.Bucket, u.key(), u.id, list, o)
		if attempt > 1 && minio.ToErrorResponse(err).Code == "NoSuchUpload" {
			return u.isStored(ctx, crc) // an attempt whose answer was lost
		}
		return err
	})
}

// isStored tells whether all parts are there as an object; crc is "" where the store does
// not tell checksums.
func (u *upload) isStored(ctx context.Context, crc string) error {
	options := u.readOptions()
	options.Checksum = crc != ""
	o, err := u.core.StatObject(ctx, u.Bucket, u.key(), options)
	if err != nil {
		return err
	}
	if o.Size != u.size || o.ChecksumCRC32C != crc || crc == "" && o.ETag != u.etag() {
		return &permanentError{errors.New("the server has lost the parts")}
	}
	return nil
}

// etag is what the whole gets for an ETag where it is made of those of the parts.
func (u *upload) etag() string {
	all := md5.New()
	for _, part := range u.parts {
		sum, _ := hex.DecodeString(part.ETag)
		all.Write(sum)
	}
	return fmt.Sprintf("%x-%d", all.Sum(nil), len(u.parts))
}
