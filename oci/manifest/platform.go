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
	// attestations lie in indexes as images for unknown/unknown
	images := slices.DeleteFunc(slices.Clone(list), func(d v1.Descriptor) bool { return d.Platform != nil && d.Platform.OS == unknown })
	if len(images) == 1 && images[0].Platform == nil {
		return images[0], nil
	}
	return v1.Descriptor{}, fmt.Errorf("there is no image for %s: %s", platformName(want), platformNames(list))
}

// unknown is the system of what is no image.
const unknown = "unknown"

func matches(p *v1.Platform, want v1.Platform) bool {
	return p != nil && strings.EqualFold(p.OS, want.OS) && SameArchitecture(p.Architecture, want.Architecture) && variant(*p) <= variant(want)
}

// aliases are names that others have for Go's of architectures, as containers/image and
// containerd know them, with the variant that some of them stand for.
var aliases = map[string]v1.Platform{
	"x86_64": {Architecture: "amd64"}, "x86-64": {Architecture: "amd64"},
	"aarch64": {Architecture: "arm64"}, "arm64v8": {Architecture: "arm64"},
	"i386": {Architecture: "386"}, "i486": {Architecture: "386"}, "i586": {Architecture: "386"}, "i686": {Architecture: "386"}, "x86": {Architecture: "386"},
	"armhf": {Architecture: "arm", Variant: "v7"}, "armel": {Architecture: "arm", Variant: "v6"},
	"armv7": {Architecture: "arm", Variant: "v7"}, "armv7l": {Architecture: "arm", Variant: "v7"},
	"armv6l": {Architecture: "arm", Variant: "v6"}, "armv5": {Architecture: "arm", Variant: "v5"},
}

// Normal returns the platform in Go's names.
func Normal(p v1.Platform) v1.Platform {
	if known, ok := aliases[strings.ToLower(p.Architecture)]; ok {
		p.Architecture = known.Architecture
		if p.Variant == "" {
			p.Variant = known.Variant
		}
	}
	return p
}

// SameArchitecture tells whether two names are of one architecture.
func SameArchitecture(a, b string) bool {
	return Normal(v1.Platform{Architecture: a}).Architecture == Normal(v1.Platform{Architecture: b}).Architecture
}

// variant returns a platform's variant as a number that can be compared. What
// no variant stands for is image-spec image-index.md, "Platform Variants": v8 for
// arm64, the first for amd64; an unnamed 32-bit arm is v7, as containerd has it.
func variant(p v1.Platform) int {
	p = Normal(p)
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
		if d.Platform == nil || d.Platform.OS == unknown {
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
