package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"bootrc/oci/layer"
	"bootrc/oci/manifest"
	"bootrc/oci/reference"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Docker is an image in an archive that "docker save" or "podman save" wrote. Such
// an archive has no manifest: one is made, in which each layer's digest is its
// diff ID.
type Docker struct {
	files   files
	name    string
	members map[v1.Hash]string // by the digest in the manifest
	names   []string
}

// OpenDocker opens the archive's image of that name, or its only one for "".
func OpenDocker(path, name string) (*Docker, error) {
	t, err := openTarball(path)
	if err != nil {
		return nil, err
	}
	return &Docker{files: t, name: name}, nil
}

// savedImage is an entry of the archive's manifest.json.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// Manifest returns the manifest that is made for the image, whatever the digest.
func (a *Docker) Manifest(context.Context, v1.Hash) (*manifest.Document, error) {
	saved, err := a.find()
	if err != nil {
		return nil, err
	}
	config, err := readFile(a.files, saved.Config)
	if err != nil {
		return nil, err
	}
	file, err := manifest.ParseConfig(config)
	if err != nil {
		return nil, fmt.Errorf("configuration %s is broken: %w", saved.Config, err)
	}
	if len(file.RootFS.DiffIDs) != len(saved.Layers) {
		return nil, fmt.Errorf("configuration %s has %d diff IDs, and manifest.json %d layers",
			saved.Config, len(file.RootFS.DiffIDs), len(saved.Layers))
	}
	a.names = saved.RepoTags
	return a.synthesize(saved, config, file.RootFS.DiffIDs)
}

// find returns the image of the archive's name, or its only one.
func (a *Docker) find() (savedImage, error) {
	raw, err := readFile(a.files, "manifest.json")
	if err != nil {
		return savedImage{}, fmt.Errorf("not an archive of docker save: %w", err)
	}
	var list []savedImage
	if err := manifest.Decode(raw, &list); err != nil {
		return savedImage{}, fmt.Errorf("manifest.json is broken: %w", err)
	}
	if a.name == "" && len(list) == 1 {
		return list[0], nil
	}
	var names []string
	for _, image := range list {
		for _, tag := range image.RepoTags {
			if ref, err := reference.ParseDocker(tag); err == nil && a.name != "" && ref.String() == a.name {
				return image, nil
			}
			names = append(names, tag)
		}
	}
	if a.name == "" {
		return savedImage{}, fmt.Errorf("it has %d images, so that one must be named: %s", len(list), orNone(names))
	}
	return savedImage{}, fmt.Errorf("it has no image %s: %s", a.name, orNone(names))
}

func (a *Docker) synthesize(saved savedImage, config []byte, diffIDs []v1.Hash) (*manifest.Document, error) {
	digest, size, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		return nil, err
	}
	a.members = map[v1.Hash]string{digest: saved.Config}
	m := v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.DockerManifestSchema2,
		Config:        v1.Descriptor{MediaType: types.DockerConfigJSON, Digest: digest, Size: size},
	}
	for i, diffID := range diffIDs {
		r, size, err := a.files.open(saved.Layers[i])
		if err != nil {
			return nil, err
		}
		r.Close()
		a.members[diffID] = saved.Layers[i]
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.DockerUncompressedLayer, Digest: diffID, Size: size})
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return manifest.Parse(raw, m.MediaType, v1.Hash{})
}

// Blob promises no digest: the layer may lie compressed in the archive, and its
// diff ID is checked in any case.
func (a *Docker) Blob(_ context.Context, d v1.Descriptor) (layer.Blob, error) {
	r, size, err := a.files.open(a.members[d.Digest])
	return layer.Blob{Content: r, Size: size}, err
}

// Names returns the names in full that the archive has for the image, once its manifest was read.
func (a *Docker) Names() []string { return inFull(a.names) }

// inFull leaves out what is no name with a tag: nobody but a registry tells what has a digest.
func inFull(names []string) []string {
	var full []string
	for _, name := range names {
		if ref, err := reference.ParseDocker(name); err == nil && ref.Digest.Hex == "" && strings.Contains(name, ":") {
			full = append(full, ref.String())
		}
	}
	return full
}

// Close closes the archive.
func (a *Docker) Close() error { return a.files.close() }
