package kmod

import (
	"path"
	"slices"
	"strings"
)

// CanonicalName returns a module's name as the kernel has it: "-" and "_" are
// the same in every name that a person types, and the kernel uses "_".
func CanonicalName(name string) string {
	return strings.ReplaceAll(name, "-", "_")
}

// CanonicalAlias does what CanonicalName does to an alias, but for the sets in it: in [0-9] the
// "-" is a range.
func CanonicalAlias(alias string) string {
	if strings.IndexByte(alias, '-') < 0 {
		return alias
	}
	out := []byte(alias)
	inSet := false
	for i, c := range out {
		switch {
		case c == '[':
			inSet = true
		case c == ']':
			inSet = false
		case c == '-' && !inSet:
			out[i] = '_'
		}
	}
	return string(out)
}

// FileModule returns the canonical name of the module in a file, such as
// "kernel/drivers/char/hw_random/virtio-rng.ko.xz", or "" when it holds none.
func FileModule(file string) string {
	name, rest, ok := strings.Cut(path.Base(file), ".ko")
	if !ok || name == "" {
		return ""
	}
	if rest != "" && !slices.Contains(endings, rest) {
		return ""
	}
	return CanonicalName(name)
}
