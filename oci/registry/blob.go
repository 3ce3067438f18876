package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"bootrc/kit/retry"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const (
	// maxResumes bounds how often one blob's connection may break.
	maxResumes = 100
	// after this many bytes on one connection, the next starts with the shortest
	// pause again.
	enoughBytes = 1 << 20
	// endWait is how long the answer's own end is awaited when all bytes are there.
	endWait = time.Second
)

// blobReader reads a blob of a registry. Where the connection breaks before the blob's
// size is reached, it goes on from there: with a range, or, where a range is answered
// with something else, from the beginning, and it leaves out what it has. Whether the
// pieces are of one blob is for the digest to say.
type blobReader struct {
	ctx        context.Context
	stop       context.CancelFunc // ends ctx
	repository *Repository
	digest     v1.Hash
	size       int64
	urls       []string // where it is, too, if the registry has it not

	at       int64
	body     io.ReadCloser
	cancel   context.CancelFunc // ends the request of body
	end      *time.Timer        // calls it, when all bytes are there
	since    int64              // at, when body was opened
	failures int                // in a row
	resumes  int
	whole    bool // no range is asked for any more
	ranges   bool // a part came as a range
}

func newBlobReader(ctx context.Context, r *Repository, d v1.Descriptor) *blobReader {
	b := &blobReader{repository: r, digest: d.Digest, size: d.Size, urls: d.URLs, whole: r.noRanges.Load()}
	b.ctx, b.stop = context.WithCancel(ctx)
	return b
}

func (b *blobReader) Read(p []byte) (int, error) {
	for {
		if b.body == nil {
			if b.at >= b.size {
				return 0, io.EOF
			}
			if err := b.open(); err != nil {
				if err := b.failed(err); err != nil {
					return 0, err
				}
				continue
			}
		}
		if b.at >= b.size && b.end == nil {
			b.end = time.AfterFunc(endWait, b.cancel)
		}
		n, err := b.body.Read(p)
		b.at += int64(n)
		if err == nil || n > 0 {
			return n, nil
		}
		b.drop()
		if b.at < b.size {
			err = b.failed(b.broken(err))
		} else if err = b.ctx.Err(); err == nil {
			return 0, io.EOF // however the connection ended
		}
		if err != nil {
			return 0, err
		}
	}
}

// broken says what ended the body before its end.
func (b *blobReader) broken(err error) error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return &readError{fmt.Errorf("truncated: got %d of %d bytes: %w", b.at, b.size, err)}
}

// failed pauses, or returns the error for good.
func (b *blobReader) failed(err error) error {
	policy := b.repository.patience.Retry
	if b.at-b.since >= enoughBytes {
		b.failures = 0
	}
	b.since = b.at
	if b.ctx.Err() != nil || !isTransient(err) || !policy.Allows(b.failures, err) || b.resumes == maxResumes {
		return err
	}
	pause := policy.Pause(b.failures, err)
	b.failures++
	b.resumes++
	if !retry.Sleep(b.ctx, pause) {
		return b.ctx.Err()
	}
	return nil
}

// open asks for the blob from at on.
func (b *blobReader) open() error {
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(b.ctx)
	header := http.Header{}
	ranged := b.at > 0 && !b.whole
	if ranged {
		header.Set("Range", "bytes="+strconv.FormatInt(b.at, 10)+"-")
	}
	resp, err := b.repository.get(ctx, "/blobs/"+b.digest.String(), header)
	if isNotFound(err) && len(b.urls) > 0 {
		resp, err = b.repository.getForeign(ctx, b.urls, header)
	}
	if err == nil {
		b.body = resp.Body
		err = b.skip(resp)
	}
	if err != nil {
		b.drop()
	}
	if ranged && isRangeRefused(err) {
		b.whole = true
		return &readError{err}
	}
	return err
}

// rangeError is an answer of another part of the blob than was asked for.
type rangeError struct {
	registry, got string
	wanted        int64
}

func (e *rangeError) Error() string {
	return fmt.Sprintf("registry %s: asked for bytes %d and on, got %q", e.registry, e.wanted, e.got)
}

// isRangeRefused tells whether the blob may still be had without a range. Beside
// 416, servers that do not know ranges answer with whatever they have for a request
// that they do not understand.
func isRangeRefused(err error) bool {
	var status *statusError
	var other *rangeError
	switch {
	case errors.As(err, &other):
		return true
	case !errors.As(err, &status), status.isTransient():
		return false
	}
	switch status.code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return false
	}
	return true
}

// skip makes the answer start at at: a registry need not know ranges.
func (b *blobReader) skip(resp *http.Response) error {
	var from int64
	if resp.StatusCode == http.StatusPartialContent {
		text := resp.Header.Get("Content-Range")
		if _, err := fmt.Sscanf(text, "bytes %d-", &from); err != nil || from < 0 || from > b.at {
			return &rangeError{b.repository.place.Registry, text, b.at}
		}
		b.ranges = true
	}
	for left := b.at - from; left > 0; {
		n, err := io.CopyN(io.Discard, resp.Body, min(left, 64<<10))
		left -= n
		if err != nil && left > 0 {
			return b.broken(err)
		}
	}
	return nil
}

// drop ends the request of body.
func (b *blobReader) drop() {
	if b.body != nil {
		if b.end != nil {
			b.end.Stop()
			b.end = nil
		}
		b.body.Close()
		b.body = nil
	}
	b.cancel()
}

// Close ends the request. As layer.Blob asks, it may be called during a Read.
func (b *blobReader) Close() error {
	b.stop()
	return nil
}

// CanMend is for a blob that did not have its digest, with what Blob returned as its
// content. It returns true where the blob was put together from ranges, which may
// not have fitted: from now on, blobs come whole.
func (r *Repository) CanMend(content io.Closer) bool {
	b, ok := content.(*blobReader)
	if !ok || !b.ranges {
		return false
	}
	r.noRanges.Store(true)
	return true
}
