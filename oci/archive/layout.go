package oci

import (
	"context"
	"encoding/json"
	"fmt"

	"bootrc/oci/layer"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const refNameAnnotation = "org.opencontainers.image.ref.name"

// layout is an image layout, image-spec image-layout.md.
type layout struct {
	files files
	name  string
}

func (l *layout) manifest(_ context.Context, digest v1.Hash) (*document, error) {
	if digest.Hex != "" {
		return l.document(v1.Descriptor{Digest: digest})
	}
	raw, err := readFile(l.files, "index.json")
	if err != nil {
		return nil, fmt.Errorf("not an image layout: %w", err)
	}
	var index v1.IndexManifest
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, fmt.Errorf("index.json is broken: %w", err)
	}
	d, err := l.named(index.Manifests)
	if err != nil {
		return nil, err
	}
	return l.document(d)
}

// named returns the image of the layout's name, or its only one.
func (l *layout) named(list []v1.Descriptor) (v1.Descriptor, error) {
	if l.name == "" && len(list) == 1 {
		return list[0], nil
	}
	var names []string
	for _, d := range list {
		name := d.Annotations[refNameAnnotation]
		if l.name != "" && name == l.name {
			return d, nil
		}
		if name != "" {
			names = append(names, name)
		}
	}
	if l.name == "" {
		return v1.Descriptor{}, fmt.Errorf("it has %d images, so that one must be named: %s", len(list), orNone(names))
	}
	return v1.Descriptor{}, fmt.Errorf("it has no image %q: %s", l.name, orNone(names))
}

func (l *layout) document(d v1.Descriptor) (*document, error) {
	raw, err := readFile(l.files, blobName(d.Digest))
	if err != nil {
		return nil, err
	}
	return parseDocument(raw, d.MediaType, d.Digest)
}

func (l *layout) blob(_ context.Context, d v1.Descriptor) (layer.Blob, error) {
	r, _, err := l.files.open(blobName(d.Digest))
	return layer.Blob{Content: r, Digest: d.Digest, Size: d.Size}, err
}

func (l *layout) close() error { return l.files.close() }

func blobName(digest v1.Hash) string {
	return "blobs/" + digest.Algorithm + "/" + digest.Hex
}
