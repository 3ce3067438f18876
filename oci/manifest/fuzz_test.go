package manifest

import (
	"testing"

	"bootrc/test/bound"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func FuzzParse(f *testing.F) {
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	f.Add(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"`+
		digest+`","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"`+digest+`","size":9}]}`, "")
	f.Add(`{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"`+digest+
		`","size":7,"platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}`, string(types.OCIImageIndex))
	f.Add(`<!DOCTYPE html>`, "text/html; charset=utf-8")
	f.Add(`{"schemaVersion":1,"fsLayers":[]}`, string(types.DockerManifestSchema1))
	f.Fuzz(func(t *testing.T, raw, mediaType string) {
		bound.Input(t, len(raw)+len(mediaType))
		d, err := Parse([]byte(raw), types.MediaType(mediaType), v1.Hash{})
		if err != nil {
			return
		}
		if !d.IsIndex() && d.CheckImage() == nil {
			for _, l := range append(d.Layers, *d.Config) {
				if l.Size < 0 || l.Digest.Hex == "" {
					t.Errorf("accepted: %+v", l)
				}
			}
		}
		Choose(d.Manifests, v1.Platform{OS: "linux", Architecture: "arm", Variant: "v7"})
	})
}
