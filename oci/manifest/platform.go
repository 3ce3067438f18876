package manifest

import (
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Choose picks the image for a platform from those of an index: the wanted
// variant, or else the highest below it.
func Choose(list []v1.Descriptor, want v1.Platform) (v1.Descriptor, error) {
	best := -1
	for i, d := range list {
		if !matches(d.Platform, want) {
			continue
		}
		if best < 0 || variant(*d.Platform) > variant(*list[best].Platform) {
			best = i
		}
	}
	if best >= 0 {
		return list[best], nil
	}
	if len(list) == 1 && list[0].Platform == nil {
		return list[0], nil
	}
	return v1.Descriptor{}, fmt.Errorf("there is no image for %s: %s", platformName(want), platformNames(list))
}

func matches(p *v1.Platform, want v1.Platform) bool {
	return p != nil && p.OS == want.OS && p.Architecture == want.Architecture && variant(*p) <= variant(want)
}

// variant returns a platform's variant as a number that can be compared. What
// no variant stands for is image-spec image-index.md, "Platform Variants": v8 for
// arm64, the first for amd64; an unnamed 32-bit arm is v7, as containerd has it.
func variant(p v1.Platform) int {
	number := p.Variant
	if number == "" {
		number = map[string]string{"arm64": "v8", "arm": "v7"}[p.Architecture]
	}
	n := 0
	for _, c := range strings.TrimPrefix(number, "v") {
		if c < '0' || c > '9' {
			break // v8.1 is no more than v8 here
		}
		n = n*10 + int(c-'0')
	}
	return max(n, 1)
}

func platformName(p v1.Platform) string {
	name := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		name += "/" + p.Variant
	}
	return name
}

func platformNames(list []v1.Descriptor) string {
	var names []string
	for _, d := range list {
		// attestations lie in indexes as images for unknown/unknown.
		if d.Platform == nil || d.Platform.OS == "unknown" {
			continue
		}
		if name := platformName(*d.Platform); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return "the index names no platform"
	}
	return "only for " + strings.Join(names, ", ")
}
