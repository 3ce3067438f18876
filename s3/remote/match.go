package remote

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"bootrc/s3/tree"

	"github.com/minio/minio-go/v7"
)

// Matches tells whether an object of the content's size has this content, by
// the best that the server knows: the MD5 of a small object costs no request.
// Where the server knows nothing to compare with, it is false.
func (p *Prefix) Matches(ctx context.Context, e tree.Entry, content io.ReaderAt) (bool, error) {
	if e.MD5 != "" {
		if sum, err := sumOf(md5.New(), content, e.Size); err != nil || hex.EncodeToString(sum) == e.MD5 {
			return err == nil, err
		}
		// or the bucket has an encryption of its own, and this is no MD5
	}
	o, err := p.lookAt(ctx, e)
	if err != nil {
		return false, err
	}
	if kind, want := wholeChecksum(o); kind.IsSet() {
		sum, err := sumOf(kind.Hasher(), content, e.Size)
		return err == nil && base64.StdEncoding.EncodeToString(sum) == want, err
	}
	return p.matchesParts(ctx, o, content)
}

// matchesParts compares an ETag that was made from those of the parts.
func (p *Prefix) matchesParts(ctx context.Context, o minio.ObjectInfo, content io.ReaderAt) (bool, error) {
	var first minio.ObjectInfo
	err := p.try(ctx, fmt.Sprintf("look at the first part of %q", o.Key), func(ctx context.Context) (err error) {
		options := p.readOptions()
		options.Checksum, options.PartNumber = false, 1
		first, err = p.core.StatObject(ctx, p.Bucket, o.Key, options)
		return err
	})
	if err != nil || first.Size <= 0 {
		return false, err
	}
	all := md5.New()
	count := 0
	for offset := int64(0); offset < o.Size; offset += first.Size {
		size := min(first.Size, o.Size-offset)
		sum, err := sumOf(md5.New(), io.NewSectionReader(content, offset, size), size)
		if err != nil {
			return false, err
		}
		all.Write(sum)
		count++
	}
	return fmt.Sprintf("%x-%d", all.Sum(nil), count) == o.ETag, nil
}

func sumOf(h hash.Hash, content io.ReaderAt, size int64) ([]byte, error) {
	n, err := copyBuffered(h, io.NewSectionReader(content, 0, size))
	if err == nil && n != size {
		err = ErrChanged
	}
	return h.Sum(nil), err
}
