package oci

import (
	"fmt"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The transports of containers-transports(5) that a Reference can have, and
// stored for an image that is in the store already, given by its digits.
const (
	transportDocker        = "docker"
	transportOCI           = "oci"
	transportOCIArchive    = "oci-archive"
	transportDockerArchive = "docker-archive"
	transportStored        = "stored"
)

// Reference says where an image is, as in containers-transports(5).
type Reference struct {
	transport string

	registry   string // "docker.io", "localhost:5000"
	repository string // "library/alpine"
	tag        string // empty where there is a digest
	digest     v1.Hash

	// digits is the text, where it was bare and may as well be the beginning of an
	// image's ID: "deadbeef" is both.
	digits string

	path string // of a folder or an archive
	name string // of the image in it; empty for its only one
}

// Parse reads docker://REF, a bare REF as podman takes it (without a registry
// it is on docker.io), oci:PATH[:NAME], oci-archive:PATH[:NAME],
// docker-archive:PATH[:REF], or the sha256:… or 64 hex digits of an image in
// the store.
func Parse(s string) (Reference, error) {
	r, err := parse(s)
	if err != nil {
		return Reference{}, fmt.Errorf("image %q: %w", s, err)
	}
	if isDigits(s) {
		r.digits = s
	}
	return r, nil
}

func parse(s string) (Reference, error) {
	transport, rest, ok := strings.Cut(s, ":")
	switch {
	case strings.HasPrefix(s, "docker://"):
		return parseDocker(strings.TrimPrefix(s, "docker://"))
	case strings.Contains(s, "://"):
		return Reference{}, fmt.Errorf("%s:// is no transport: use docker://, or no prefix", transport)
	case ok && transport == "sha256" && isDigits(rest):
		return Reference{transport: transportStored, name: s}, nil
	case len(s) == 64 && isDigits(s):
		return Reference{transport: transportStored, name: s}, nil
	case ok && (transport == transportOCI || transport == transportOCIArchive):
		return parsePath(transport, rest)
	case ok && transport == transportDockerArchive:
		return parseDockerArchive(rest)
	}
	return parseDocker(s)
}

// isDigits tells what may be the first hex digits of a digest.
func isDigits(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func parsePath(transport, s string) (Reference, error) {
	path, name, named := strings.Cut(s, ":")
	if path == "" {
		return Reference{}, fmt.Errorf("path is missing")
	}
	if named && name == "" {
		return Reference{}, fmt.Errorf("name after the path is empty")
	}
	if strings.IndexByte(s, 0) >= 0 {
		return Reference{}, fmt.Errorf("path with a NUL byte")
	}
	return Reference{transport: transport, path: filepath.Clean(path), name: name}, nil
}

func parseDockerArchive(s string) (Reference, error) {
	r, err := parsePath(transportDockerArchive, s)
	if err != nil || r.name == "" {
		return r, err
	}
	named, err := parseDocker(r.name)
	if err != nil {
		return Reference{}, err
	}
	r.name = named.String()
	return r, nil
}

// In returns the reference with its path, if it has one, taken from dir.
func (r Reference) In(dir string) Reference {
	if r.path != "" && !filepath.IsAbs(r.path) {
		r.path = filepath.Join(dir, r.path)
	}
	return r
}

// String returns the reference in full, which is the image's name in the store:
// docker.io/library/alpine:latest, oci:/images/box:v1.
func (r Reference) String() string {
	switch {
	case r.transport == transportStored:
		return r.name
	case r.path != "" && r.name != "":
		return r.transport + ":" + r.path + ":" + r.name
	case r.path != "":
		return r.transport + ":" + r.path
	case r.digest.Hex != "":
		return r.registry + "/" + r.repository + "@" + r.digest.String()
	case r.tag != "":
		return r.registry + "/" + r.repository + ":" + r.tag
	}
	return ""
}
