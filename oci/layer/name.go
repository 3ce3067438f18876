package layer

import (
	"fmt"
	"path"
	"strings"
)

const (
	whiteoutPrefix = ".wh."
	// names with this prefix are aufs's own; image-spec has taken over only the opaque
	// mark.
	whiteoutMetaPrefix = ".wh..wh."
	opaqueWhiteout     = ".wh..wh..opq"
)

// clean returns an entry's name relative to the layer, without "." and ".."
// components; "." is the layer itself. Leading slashes count as the layer's
// root, as they do for tar(1).
func clean(entry, name string) (string, error) {
	if name == "" {
		return "", &FormatError{fmt.Errorf("archive entry %q: empty name", entry)}
	}
	if strings.IndexByte(name, 0) >= 0 {
		return "", &FormatError{fmt.Errorf("archive entry %q: name with a NUL byte", entry)}
	}
	p := path.Clean(strings.TrimLeft(name, "/"))
	if p == ".." || strings.HasPrefix(p, "../") {
		return "", &UnsafeError{Entry: entry, Path: name}
	}
	return p, nil
}

// split divides a clean name into its folder and its last component.
func split(name string) (dir, base string) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return ".", name
}

// hiddenName returns the name that a whiteout hides.
func hiddenName(entry, base string) (string, error) {
	switch hidden := strings.TrimPrefix(base, whiteoutPrefix); hidden {
	case "", ".":
		return "", &FormatError{fmt.Errorf("archive entry %q: whiteout of nothing", entry)}
	case "..":
		return "", &UnsafeError{Entry: entry, Path: hidden}
	default:
		return hidden, nil
	}
}
