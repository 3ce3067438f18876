package oci

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"bootrc/oci/archive"
	"bootrc/oci/layer"
	"bootrc/oci/manifest"
	"bootrc/oci/reference"
	"bootrc/oci/registry"
	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// maxNesting bounds how deep indexes lie in indexes.
const maxNesting = 3

// source is where an image comes from.
type source interface {
	// Manifest returns the manifest or index of that digest; for the zero digest,
	// that of the reference.
	Manifest(ctx context.Context, digest v1.Hash) (*manifest.Document, error)

	// Blob opens a configuration or a layer. Its Digest is zero where the source
	// does not promise one.
	Blob(ctx context.Context, d v1.Descriptor) (layer.Blob, error)

	Close() error
}

// open returns the sources that may have the reference's image, in the order in which to try
// them.
func open(ctx context.Context, ref reference.Reference, a *store.Addition, o Options) ([]source, error) {
	var only source
	var err error
	if ref.IsURL() && o.Open == nil {
		return nil, fmt.Errorf("it is at a URL, and there is nothing to open that")
	}
	if ref.IsURL() && ref.Transport != reference.OCI {
		only, err = receive(ctx, ref, a, o)
		return []source{only}, err
	}
	switch ref.Transport {
	case reference.Docker:
		repositories, err := registry.Open(ctx, ref, o.Registry)
		var all []source
		for _, r := range repositories {
			all = append(all, r)
		}
		return all, err
	case reference.OCI:
		only = archive.OpenFolder(ref.Path, ref.Name)
		if ref.IsURL() {
			only = archive.OpenWeb(ctx, ref.Path, ref.Name, o.Open)
		}
	case reference.OCIArchive:
		only, err = archive.OpenLayout(ref.Path, ref.Name)
	case reference.DockerArchive:
		only, err = archive.OpenDocker(ref.Path, ref.Name)
	default:
		err = fmt.Errorf("nothing to pull from")
	}
	return []source{only}, err
}

// resolve reads the manifest of the source's image, for that platform where
// there are several, and the indexes that led to it.
func resolve(ctx context.Context, src source, want v1.Platform) (indexes [][]byte, image *manifest.Document, err error) {
	d, err := src.Manifest(ctx, v1.Hash{})
	for range maxNesting {
		if err != nil {
			return nil, nil, err
		}
		if !d.IsIndex() {
			return indexes, d, d.CheckImage()
		}
		indexes = append(indexes, d.Raw)
		var chosen v1.Descriptor
		if chosen, err = manifest.Choose(d.Manifests, want); err != nil {
			return nil, nil, err
		}
		d, err = src.Manifest(ctx, chosen.Digest)
	}
	if err != nil {
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("indexes lie more than %d deep in indexes", maxNesting)
}

// readBlob returns a small blob, verified.
func readBlob(ctx context.Context, src source, d v1.Descriptor) ([]byte, error) {
	if d.Size > manifest.MaxSize {
		return nil, fmt.Errorf("%s: it has %d bytes, more than the %d allowed", d.Digest, d.Size, manifest.MaxSize)
	}
	blob, err := src.Blob(ctx, d)
	if err != nil {
		return nil, err
	}
	b, err := readVerified(blob, d)
	if err != nil && canMend(src, blob.Content, err) {
		return readBlob(ctx, src, d)
	}
	return b, err
}

func readVerified(blob layer.Blob, d v1.Descriptor) ([]byte, error) {
	defer blob.Content.Close()
	b, err := manifest.ReadAll(blob.Content, d.Digest.String())
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

// canMend tells whether the source may send other bytes for a blob that was wrong.
func canMend(src source, content io.Closer, err error) bool {
	var altered *layer.DigestError
	mender, ok := src.(interface{ CanMend(io.Closer) bool })
	return errors.As(err, &altered) && ok && mender.CanMend(content)
}
