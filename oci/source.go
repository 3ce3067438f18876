package oci

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"bootrc/oci/layer"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// source is where an image comes from.
type source interface {
	// manifest returns the manifest or index of that digest; for the zero digest,
	// that of the reference.
	manifest(ctx context.Context, digest v1.Hash) (*document, error)

	// blob opens a configuration or a layer. Its Digest is zero where the source
	// does not promise one.
	blob(ctx context.Context, d v1.Descriptor) (layer.Blob, error)

	close() error
}

// open returns the source that the reference is in.
func open(ctx context.Context, ref Reference, o Options) (source, error) {
	switch ref.transport {
	case transportDocker:
		return newRegistry(ctx, ref, o)
	case transportOCI:
		return &layout{files: folder(ref.path), name: ref.name}, nil
	case transportOCIArchive:
		a, err := openArchive(ref.path)
		if err != nil {
			return nil, err
		}
		return &layout{files: a, name: ref.name}, nil
	case transportDockerArchive:
		a, err := openArchive(ref.path)
		if err != nil {
			return nil, err
		}
		return &dockerArchive{files: a, name: ref.name}, nil
	}
	return nil, fmt.Errorf("nothing to pull from")
}

// readBlob returns a small blob, verified.
func readBlob(ctx context.Context, src source, d v1.Descriptor) ([]byte, error) {
	if d.Size > maxDocument {
		return nil, fmt.Errorf("%s: it has %d bytes, more than the %d allowed", d.Digest, d.Size, maxDocument)
	}
	blob, err := src.blob(ctx, d)
	if err != nil {
		return nil, err
	}
	defer blob.Content.Close()
	b, err := readAll(blob.Content, d.Digest.String())
	if err != nil {
		return nil, err
	}
	sum, err := v1.Hasher(d.Digest.Algorithm)
	if err != nil {
		return nil, err
	}
	sum.Write(b)
	got := v1.Hash{Algorithm: d.Digest.Algorithm, Hex: hex.EncodeToString(sum.Sum(nil))}
	if got != d.Digest {
		return nil, &layer.DigestError{What: "altered", Expected: d.Digest.String(), Got: got.String()}
	}
	return b, nil
}

// readAll reads a document, whatever its length is said to be.
func readAll(r io.Reader, what string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxDocument {
		return nil, fmt.Errorf("%s is longer than the %d bytes allowed", what, maxDocument)
	}
	return b, nil
}
