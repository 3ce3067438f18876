package manifest

import (
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// What is chosen of indexes as builders write them.
func TestChoose(t *testing.T) {
	platform := func(name string) *v1.Platform {
		if name == "" {
			return nil
		}
		p, err := v1.ParsePlatform(name)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, tt := range []struct {
		name string
		list []string
		want string
		at   int // -1: none
	}{
		{"aliases in the index", []string{"linux/aarch64", "linux/x86_64"}, "linux/amd64", 1},
		{"an alias that is wanted", []string{"linux/arm64/v8", "linux/amd64"}, "linux/aarch64", 0},
		{"capitals", []string{"Linux/AArch64"}, "linux/arm64", 0},
		{"one without a platform", []string{""}, "linux/amd64", 0},
		{"one without a platform beside an attestation", []string{"", "unknown/unknown"}, "linux/amd64", 0},
		{"two without a platform", []string{"", ""}, "linux/amd64", -1},
		{"one of another beside one without", []string{"", "linux/arm64"}, "linux/amd64", -1},
		{"v6 for v7", []string{"linux/arm/v5", "linux/arm/v6"}, "linux/arm/v7", 1},
		{"no v7 for v6", []string{"linux/arm/v7"}, "linux/arm/v6", -1},
		{"armhf is v7", []string{"linux/armel", "linux/armhf"}, "linux/arm/v7", 1},
	} {
		var list []v1.Descriptor
		for i, name := range tt.list {
			list = append(list, v1.Descriptor{Size: int64(i), Platform: platform(name)})
		}
		got, err := Choose(list, *platform(tt.want))
		if (err != nil) != (tt.at < 0) || err == nil && got.Size != int64(tt.at) {
			t.Errorf("%s: %d, %v; want %d", tt.name, got.Size, err, tt.at)
		}
	}
}

func TestLayerTypes(t *testing.T) {
	for name, want := range map[string]bool{
		"application/vnd.oci.image.layer.v1.tar": true, "application/vnd.oci.image.layer.v1.tar+xz": true,
		"application/vnd.oci.image.layer.v1.tar+gzip": true, "application/vnd.oci.image.layer.v1.tar.bzip2": true,
		"application/vnd.docker.image.rootfs.diff.tar.zstd": true, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip": true,
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd": true,
		"application/vnd.oci.image.layer.v1.tar+encrypted":             false, "application/vnd.oci.image.config.v1+json": false, "": false,
	} {
		if got := isLayerType(types.MediaType(name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
