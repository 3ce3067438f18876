// Package manifest reads the documents that list an image's parts: manifests and
// indexes, of image-spec's manifest.md and image-index.md or docker's.
package manifest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// MaxSize bounds manifests, indexes and configurations, in bytes.
// distribution-spec, "Pushing Manifests", asks registries for 4 MiB.
const MaxSize = 4 << 20

// Document is a manifest or an index.
type Document struct {
	Raw    []byte // verbatim
	Digest v1.Hash

	SchemaVersion int             `json:"schemaVersion"`
	MediaType     types.MediaType `json:"mediaType"`
	Config        *v1.Descriptor  `json:"config"`
	Layers        []v1.Descriptor `json:"layers"`
	Manifests     []v1.Descriptor `json:"manifests"`
}

// Parse reads what was served as a manifest under that media type, which
// may be empty. A digest that is not zero is what it must have.
func Parse(raw []byte, mediaType types.MediaType, want v1.Hash) (*Document, error) {
	digest := want
	if want.Hex == "" {
		digest.Algorithm = "sha256"
	}
	sum, err := v1.Hasher(digest.Algorithm)
	if err != nil {
		return nil, err
	}
	sum.Write(raw)
	digest.Hex = hex.EncodeToString(sum.Sum(nil))
	if want.Hex != "" && digest != want {
		return nil, fmt.Errorf("manifest was altered: expected %s, got %s", want, digest)
	}
	if text := bytes.TrimSpace(raw); bytes.HasPrefix(text, []byte("<")) || strings.HasPrefix(string(mediaType), "text/html") {
		return nil, fmt.Errorf("got an HTML page instead of a manifest: %s", Excerpt(text))
	}
	d := &Document{Raw: raw, Digest: digest}
	if err := Decode(raw, d); err != nil {
		return nil, fmt.Errorf("manifest is broken: %w", err)
	}
	if d.MediaType == "" {
		d.MediaType, _, _ = cutMediaType(mediaType)
	}
	if d.SchemaVersion == 1 || d.MediaType == types.DockerManifestSchema1 || d.MediaType == types.DockerManifestSchema1Signed {
		return nil, fmt.Errorf("manifest is of schema 1, which is obsolete: push the image again with a newer tool")
	}
	return d, nil
}

func cutMediaType(t types.MediaType) (types.MediaType, string, bool) {
	name, parameters, ok := strings.Cut(string(t), ";")
	return types.MediaType(strings.TrimSpace(name)), parameters, ok
}

// Excerpt shortens what a server said to a part of a line.
func Excerpt(b []byte) string {
	const most = 80
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(b[:min(len(b), 4*most)]), "?")), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// IsIndex tells whether the document lists other manifests.
func (d *Document) IsIndex() bool { return len(d.Manifests) > 0 || d.MediaType.IsIndex() }

// CheckImage tells whether the document is the manifest of a container's image.
func (d *Document) CheckImage() error {
	if d.Config == nil || d.Config.Digest.Hex == "" {
		return fmt.Errorf("not an image: its manifest (%s) has no configuration", orUnknown(d.MediaType))
	}
	if !d.Config.MediaType.IsConfig() {
		return fmt.Errorf("not a container's image: its configuration is %s", orUnknown(d.Config.MediaType))
	}
	for i, l := range d.Layers {
		if !isLayerType(l.MediaType) {
			return fmt.Errorf("layer %d of %d: unsupported media type %s", i+1, len(d.Layers), orUnknown(l.MediaType))
		}
		if l.Size < 0 || l.Digest.Hex == "" {
			return fmt.Errorf("layer %d of %d: digest or size is missing", i+1, len(d.Layers))
		}
	}
	return nil
}

func orUnknown(t types.MediaType) string {
	if t == "" {
		return "of an unknown media type"
	}
	return string(t)
}

// layerTypes are those of archives that are not compressed. What others are compressed with
// stands behind them, and is told by their first bytes in any case.
var layerTypes = []string{
	string(types.OCIUncompressedLayer), string(types.OCIUncompressedRestrictedLayer),
	string(types.DockerUncompressedLayer), "application/vnd.docker.image.rootfs.foreign.diff.tar",
}

func isLayerType(t types.MediaType) bool {
	return slices.ContainsFunc(layerTypes, func(plain string) bool {
		packed, ok := strings.CutPrefix(string(t), plain)
		return ok && slices.Contains([]string{"", "gzip", "zstd", "xz", "bzip2"}, strings.TrimLeft(packed, "+."))
	})
}

// ReadAll reads a document, whatever its length is said to be.
func ReadAll(r io.Reader, what string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxSize {
		return nil, fmt.Errorf("%s is longer than the %d bytes allowed", what, MaxSize)
	}
	return b, nil
}
