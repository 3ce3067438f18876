package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const (
	// maxResumes bounds how often one blob's connection may break.
	maxResumes = 100
	// after this many bytes on one connection, the next starts with the shortest
	// pause again.
	enoughBytes = 1 << 20
)

// blobReader reads a blob of a registry, and goes on where it stopped when the
// connection breaks.
type blobReader struct {
	ctx      context.Context
	stop     context.CancelFunc // ends ctx
	registry *registry
	digest   v1.Hash
	size     int64

	at       int64
	body     io.ReadCloser
	cancel   context.CancelFunc // ends the request of body
	idle     *time.Timer        // calls it
	since    int64              // at, when body was opened
	failures int                // in a row
	resumes  int
}

func newBlobReader(ctx context.Context, r *registry, d v1.Descriptor) *blobReader {
	b := &blobReader{registry: r, digest: d.Digest, size: d.Size}
	b.ctx, b.stop = context.WithCancel(ctx)
	return b
}

func (b *blobReader) Read(p []byte) (int, error) {
	for {
		if b.body == nil {
			if err := b.open(); err != nil {
				if err := b.failed(err); err != nil {
					return 0, err
				}
				continue
			}
		}
		b.idle.Reset(b.registry.pace.idle)
		n, err := b.body.Read(p)
		b.at += int64(n)
		if err == nil || n > 0 {
			return n, nil
		}
		if err == io.EOF && b.at >= b.size {
			b.drop()
			return 0, io.EOF
		}
		b.drop()
		if err := b.failed(b.broken(err)); err != nil {
			return 0, err
		}
	}
}

// broken says what ended the body before its end.
func (b *blobReader) broken(err error) error {
	switch {
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	case errors.Is(err, context.Canceled):
		err = fmt.Errorf("nothing came for %v", b.registry.pace.idle)
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return &readError{fmt.Errorf("truncated: got %d of %d bytes: %w", b.at, b.size, err)}
}

// failed pauses, or returns the error for good.
func (b *blobReader) failed(err error) error {
	pace := b.registry.pace
	if b.at-b.since >= enoughBytes {
		b.failures = 0
	}
	b.since = b.at
	if b.ctx.Err() != nil || !isTransient(err) || b.failures == len(pace.pauses) || b.resumes == maxResumes {
		return err
	}
	pause := pace.pause(b.failures, err)
	b.failures++
	b.resumes++
	if !sleep(b.ctx, pause) {
		return b.ctx.Err()
	}
	return nil
}

// open asks for the blob from at on.
func (b *blobReader) open() error {
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(b.ctx)
	header := http.Header{}
	if b.at > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(b.at, 10)+"-")
	}
	resp, err := b.registry.get(ctx, "/blobs/"+b.digest.String(), header)
	if err == nil {
		b.body = resp.Body
		b.idle = time.AfterFunc(b.registry.pace.idle, b.cancel)
		err = b.skip(resp)
	}
	if err != nil {
		b.drop()
	}
	return err
}

// skip makes sure that the answer starts at at: a registry need not know ranges.
func (b *blobReader) skip(resp *http.Response) error {
	if resp.StatusCode == http.StatusPartialContent {
		var from int64
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-", &from); err != nil || from != b.at {
			return fmt.Errorf("registry %s: asked for bytes %d and on, got %q",
				b.registry.ref.registry, b.at, resp.Header.Get("Content-Range"))
		}
		return nil
	}
	for left := b.at; left > 0; {
		n, err := io.CopyN(io.Discard, resp.Body, min(left, 64<<10))
		left -= n
		b.idle.Reset(b.registry.pace.idle)
		if err != nil && left > 0 {
			return b.broken(err)
		}
	}
	return nil
}

// drop ends the request of body.
func (b *blobReader) drop() {
	if b.body != nil {
		b.idle.Stop()
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
