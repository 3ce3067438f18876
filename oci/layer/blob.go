package layer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Blob is a layer as an image distributes it.
type Blob struct {
	// Content is closed by Unpack, which may be while a Read is under way.
	Content io.ReadCloser

	// Digest and Size are what the manifest promises of Content. A zero Digest
	// stands for a source that promises nothing, such as a docker archive.
	Digest v1.Hash
	Size   int64

	// DiffID is what the image's configuration promises of the archive. A zero DiffID stands
	// for one that is not known yet: the report says it.
	DiffID v1.Hash
}

// DigestError reports content that is not what was promised.
type DigestError struct {
	What          string // is wrong: "altered", "wrong diff ID"
	Expected, Got string
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("%s: expected %s, got %s", e.What, e.Expected, e.Got)
}

// Unpack verifies, decompresses and unpacks the blob into dir, an empty folder,
// as one stream of stages that run side by side: reading and the blob's
// digest, decompression, the diff ID, and the archive. Content of dir is
// to be trusted only when the error is nil.
func (b Blob) Unpack(ctx context.Context, dir string) (Report, error) {
	unknown := b.DiffID == v1.Hash{}
	if unknown {
		b.DiffID.Algorithm = "sha256"
	}
	diffSum, err := v1.Hasher(b.DiffID.Algorithm)
	if err != nil {
		b.Content.Close()
		return Report{}, err
	}
	verified, err := newVerifier(b)
	if err != nil {
		b.Content.Close()
		return Report{}, err
	}
	source := newReadAhead(verified, nil)
	plain := newReadAhead(Decompress(source), diffSum)
	report, err := Unpack(ctx, plain, dir)

	plain.close()
	var format *FormatError
	if err == nil || errors.As(err, &format) {
		// what broke the stream is told by the blob's digest, if that is wrong.
		plain.wait()
		if _, rerr := io.Copy(io.Discard, source); rerr != nil {
			err = rerr
		}
	}
	source.close()
	b.Content.Close()
	source.wait()
	plain.wait()
	report.DiffID = v1.Hash{Algorithm: b.DiffID.Algorithm, Hex: hex.EncodeToString(diffSum.Sum(nil))}
	if err == nil && !unknown && report.DiffID != b.DiffID {
		err = &DigestError{"wrong diff ID", b.DiffID.String(), report.DiffID.String()}
	}
	if s := (*sourceError)(nil); errors.As(err, &s) {
		err = s.err
	}
	return report, err
}

func checkDigest(what string, want v1.Hash, sum hash.Hash) error {
	got := v1.Hash{Algorithm: want.Algorithm, Hex: hex.EncodeToString(sum.Sum(nil))}
	if got != want {
		return &DigestError{what, want.String(), got.String()}
	}
	return nil
}

// sourceError is an error of the blob itself, as opposed to one of its format.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// verifier passes a blob on, and its end only when size and digest are right.
type verifier struct {
	r    io.Reader
	blob Blob
	sum  hash.Hash
	read int64
}

func newVerifier(b Blob) (*verifier, error) {
	v := &verifier{r: b.Content, blob: b}
	if b.Digest.Algorithm == "" {
		return v, nil
	}
	sum, err := v1.Hasher(b.Digest.Algorithm)
	v.sum = sum
	return v, err
}

func (v *verifier) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	v.read += int64(n)
	if v.sum != nil {
		v.sum.Write(p[:n])
		if v.read > v.blob.Size {
			return n, &sourceError{&DigestError{"altered", fmt.Sprintf("%d bytes", v.blob.Size), "more"}}
		}
	}
	if err == io.EOF {
		if err := v.check(); err != nil {
			return n, &sourceError{err}
		}
		return n, io.EOF
	}
	if err != nil {
		return n, &sourceError{err}
	}
	return n, nil
}

func (v *verifier) check() error {
	if v.sum == nil {
		return nil
	}
	if v.read < v.blob.Size {
		return fmt.Errorf("truncated: got %d of %d bytes", v.read, v.blob.Size)
	}
	return checkDigest("altered", v.blob.Digest, v.sum)
}
