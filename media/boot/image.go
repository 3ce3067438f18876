package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/oci/manifest"
	"bootrc/oci/reference"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/match"
)

// imageFile returns an archive of the image that text names, to be the machine's disk, and the image's name in it. What has
// to be fetched is kept in the user's cache, and used again where the registry cannot be reached.
func imageFile(work, text, arch string) (file, named string, err error) {
	ref, err := reference.Parse(text)
	if err != nil {
		return "", "", err
	}
	var image v1.Image
	switch ref.Transport {
	case reference.OCIArchive:
		file, err := filepath.Abs(ref.Path)
		if err == nil {
			_, err = os.Stat(file)
		}
		return file, ref.Name, err
	case reference.OCI:
		image, err = fromLayout(ref.Path, ref.Name, platform(arch))
	case reference.Docker:
		var kept *keptImages
		if kept, err = openKept(); err == nil {
			defer kept.close() // when all of the image was read
			image, err = kept.fetched(strings.TrimPrefix(text, "docker://"), platform(arch))
		}
	default:
		err = errors.New("neither in a registry, nor oci:DIR or oci-archive:FILE")
	}
	if err != nil {
		return "", "", fmt.Errorf("image %s: %w", text, err)
	}
	file = filepath.Join(work, "image.tar")
	f, err := os.Create(file)
	if err != nil {
		return "", "", err
	}
	return file, "", errors.Join(writeLayout(f, image), f.Close())
}

// platform is what images call an architecture.
func platform(arch string) v1.Platform {
	if arch == "arm" {
		return v1.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
	}
	return v1.Platform{OS: "linux", Architecture: arch}
}

// fromLayout returns the image of that name, or the only one for "", in a folder (image-spec, image-layout.md).
func fromLayout(folder, name string, p v1.Platform) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return nil, err
	}
	list, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(list.Manifests, func(d v1.Descriptor) bool { return name != "" && !match.Name(name)(d) })
	if len(all) != 1 {
		return nil, fmt.Errorf("%d images in %s are named %q: name one, as oci:%s:NAME", len(all), folder, name, folder)
	}
	return ofPlatform(index, all[0], p)
}

// ofPlatform returns the image that a descriptor is, or the one for a platform where it is an index of several.
func ofPlatform(in v1.ImageIndex, d v1.Descriptor, p v1.Platform) (v1.Image, error) {
	if !d.MediaType.IsIndex() {
		return in.Image(d.Digest)
	}
	index, err := in.ImageIndex(d.Digest)
	if err != nil {
		return nil, err
	}
	list, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if d, err = manifest.Choose(list.Manifests, p); err != nil {
		return nil, err
	}
	return ofPlatform(index, d, p)
}

// writeLayout writes an image as an archive of a layout.
func writeLayout(w io.Writer, image v1.Image) error {
	document, err := image.RawManifest()
	if err != nil {
		return err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return err
	}
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	kind, err := image.MediaType()
	if err != nil {
		return err
	}
	configDigest, err := image.ConfigName()
	if err != nil {
		return err
	}
	index, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: []v1.Descriptor{{MediaType: kind, Digest: digest, Size: int64(len(document))}}})
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	for _, f := range []struct {
		name    string
		content []byte
	}{
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)}, {"index.json", index},
		{blobName(digest), document}, {blobName(configDigest), config},
	} {
		if err := writeMember(t, f.name, int64(len(f.content)), bytes.NewReader(f.content)); err != nil {
			return err
		}
	}
	for _, l := range layers {
		if err := writeLayer(t, l); err != nil {
			return err
		}
	}
	return t.Close()
}

func blobName(digest v1.Hash) string { return "blobs/" + digest.Algorithm + "/" + digest.Hex }

func writeLayer(t *tar.Writer, l v1.Layer) error {
	digest, err := l.Digest()
	if err != nil {
		return err
	}
	size, err := l.Size()
	if err != nil {
		return err
	}
	content, err := l.Compressed()
	if err != nil {
		return err
	}
	defer content.Close()
	return writeMember(t, blobName(digest), size, content)
}

func writeMember(t *tar.Writer, name string, size int64, content io.Reader) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(t, content)
	return err
}
