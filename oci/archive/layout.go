// Package archive reads images from files: image layouts (image-spec
// image-layout.md), in a folder or a tar archive, and what "docker save" writes.
package archive

import (
	"context"
	"fmt"

	"bootrc/oci/layer"
	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// What an index calls its images: image-spec annotations.md, and containerd, which keeps the name
// in full there.
const (
	refNameAnnotation  = "org.opencontainers.image.ref.name"
	fullNameAnnotation = "io.containerd.image.name"
)

// Layout is an image in an image layout.
type Layout struct {
	files files
	name  string
	names []string
}

// OpenFolder opens the layout's image of that name, or its only one for "", in a
// folder.
func OpenFolder(path, name string) *Layout { return &Layout{files: folder(path), name: name} }

// OpenLayout is OpenFolder for a tar archive of the folder.
func OpenLayout(path, name string) (*Layout, error) {
	t, err := openTarball(path)
	if err != nil {
		return nil, err
	}
	return &Layout{files: t, name: name}, nil
}

// Manifest returns the manifest or index of that digest; for the zero digest, that
// of the image.
func (l *Layout) Manifest(_ context.Context, digest v1.Hash) (*manifest.Document, error) {
	if digest.Hex != "" {
		return l.document(v1.Descriptor{Digest: digest})
	}
	raw, err := readFile(l.files, "index.json")
	if err != nil {
		return nil, fmt.Errorf("not an image layout: %w", err)
	}
	var index v1.IndexManifest
	if err := manifest.Decode(raw, &index); err != nil {
		return nil, fmt.Errorf("index.json is broken: %w", err)
	}
	d, err := l.named(index.Manifests)
	if err != nil {
		return nil, err
	}
	l.names = []string{d.Annotations[refNameAnnotation], d.Annotations[fullNameAnnotation]}
	return l.document(d)
}

// named returns the image of the layout's name, or its only one.
func (l *Layout) named(list []v1.Descriptor) (v1.Descriptor, error) {
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

func (l *Layout) document(d v1.Descriptor) (*manifest.Document, error) {
	raw, err := readFile(l.files, blobName(d.Digest))
	if err != nil {
		return nil, err
	}
	return manifest.Parse(raw, d.MediaType, d.Digest)
}

// Blob opens a configuration or a layer.
func (l *Layout) Blob(_ context.Context, d v1.Descriptor) (layer.Blob, error) {
	r, _, err := l.files.open(blobName(d.Digest))
	return layer.Blob{Content: r, Digest: d.Digest, Size: d.Size}, err
}

// Names returns the names in full that the layout has for the image, once its manifest was read.
func (l *Layout) Names() []string { return inFull(l.names) }

// Close closes the archive.
func (l *Layout) Close() error { return l.files.close() }

func blobName(digest v1.Hash) string {
	return "blobs/" + digest.Algorithm + "/" + digest.Hex
}
