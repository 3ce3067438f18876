// Package reference reads where an image is, as containers-transports(5) has it.
package reference

import (
	"fmt"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The transports of containers-transports(5) that a Reference can have, and
// Stored for an image that is in the store already, given by its digits.
const (
	Docker        = "docker"
	OCI           = "oci"
	OCIArchive    = "oci-archive"
	DockerArchive = "docker-archive"
	Stored        = "stored"
)

// Reference says where an image is, as in containers-transports(5).
type Reference struct {
	Transport string

	Registry   string // "docker.io", "localhost:5000"
	Repository string // "library/alpine"
	Tag        string // empty where there is a digest
	Digest     v1.Hash

	// Short is a bare name without a registry, which registries.conf may have another one for:
	// "alpine", "team/box". Registry and Repository are those that docker means.
	Short string

	// Digits is the text, where it was bare and may as well be the beginning of an
	// image's ID: "deadbeef" is both.
	Digits string

	Path string // of a folder or an archive, or its URL: http://…, https://…, s3://…
	Name string // of the image in it, empty for its only one; the digits of a stored image
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
		r.Digits = s
	}
	return r, nil
}

func parse(s string) (Reference, error) {
	transport, rest, ok := strings.Cut(s, ":")
	switch {
	case strings.HasPrefix(s, "docker://"):
		return ParseDocker(strings.TrimPrefix(s, "docker://"))
	case strings.Contains(s, "://") && transport != OCI && transport != OCIArchive && transport != DockerArchive:
		return Reference{}, fmt.Errorf("%s:// is no transport: use docker://, or no prefix", transport)
	case ok && transport == "sha256" && isDigits(rest):
		return Reference{Transport: Stored, Name: s}, nil
	case len(s) == 64 && isDigits(s):
		return Reference{Transport: Stored, Name: s}, nil
	case ok && (transport == OCI || transport == OCIArchive):
		return parsePath(transport, rest)
	case ok && transport == DockerArchive:
		return parseDockerArchive(rest)
	}
	r, err := ParseDocker(s)
	if err == nil && !strings.HasPrefix(s, r.Registry+"/") && !strings.HasPrefix(s, "index.docker.io/") {
		r.Short = r.Repository
		if rest, ok := strings.CutPrefix(r.Repository, "library/"); ok && !strings.HasPrefix(s, "library/") {
			r.Short = rest
		}
	}
	return r, err
}

// isDigits tells what may be the first hex digits of a digest.
func isDigits(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func parsePath(transport, s string) (Reference, error) {
	path, name, named := strings.Cut(s, ":")
	if scheme := path; strings.HasPrefix(name, "//") && isScheme(scheme) {
		// a port has no name behind it, but the first part of the path
		host, rest, _ := strings.Cut(name[len("//"):], "/")
		path, name, named = strings.Cut(rest, ":")
		if host == "" || path == "" {
			return Reference{}, fmt.Errorf("URL has no host or no path")
		}
		if named && name == "" {
			return Reference{}, fmt.Errorf("name after the URL is empty")
		}
		return Reference{Transport: transport, Path: scheme + "://" + host + "/" + path, Name: name}, nil
	}
	if path == "" {
		return Reference{}, fmt.Errorf("path is missing")
	}
	if named && name == "" {
		return Reference{}, fmt.Errorf("name after the path is empty")
	}
	if strings.IndexByte(s, 0) >= 0 {
		return Reference{}, fmt.Errorf("path with a NUL byte")
	}
	return Reference{Transport: transport, Path: filepath.Clean(path), Name: name}, nil
}

func isScheme(s string) bool { return s == "http" || s == "https" || s == "s3" }

// IsURL tells whether the reference's path is the address of something elsewhere.
func (r Reference) IsURL() bool {
	scheme, _, ok := strings.Cut(r.Path, "://")
	return ok && isScheme(scheme)
}

func parseDockerArchive(s string) (Reference, error) {
	r, err := parsePath(DockerArchive, s)
	if err != nil || r.Name == "" {
		return r, err
	}
	named, err := ParseDocker(r.Name)
	if err != nil {
		return Reference{}, err
	}
	r.Name = named.String()
	return r, nil
}

// On returns the reference with the registry and the repository of a name in full, which has
// neither tag nor digest.
func (r Reference) On(name string) (Reference, error) {
	full, err := ParseDocker(name)
	if err != nil {
		return Reference{}, err
	}
	r.Registry, r.Repository, r.Short = full.Registry, full.Repository, ""
	return r, nil
}

// Covered tells how long a prefix is that the reference's name begins with, up to the end of one
// of its parts, or 0: registry.example, registry.example/team, registry.example/team/box:v1,
// oci:/images. "*.example" covers all hosts below example, and "*" everything, in one byte.
func (r Reference) Covered(prefix string) int {
	prefix = strings.TrimSuffix(prefix, "/")
	name := r.String()
	domain, wild := strings.CutPrefix(prefix, "*.")
	switch {
	case prefix == "*":
		return 1
	case wild:
		host, _, _ := strings.Cut(r.Registry, ":")
		if domain != "" && strings.HasSuffix(host, "."+domain) {
			return len(prefix)
		}
	case prefix != "" && strings.HasPrefix(name, prefix) && (len(name) == len(prefix) || strings.IndexByte("/:@", name[len(prefix)]) >= 0):
		// "host" does not cover host:5000, which is another server
		if r.Registry != "" && !strings.Contains(prefix, "/") && prefix != r.Registry {
			return 0
		}
		return len(prefix)
	}
	return 0
}

// In returns the reference with its path, if it has one, taken from dir.
func (r Reference) In(dir string) Reference {
	if r.Path != "" && !filepath.IsAbs(r.Path) && !r.IsURL() {
		r.Path = filepath.Join(dir, r.Path)
	}
	return r
}

// String returns the reference in full, which is the image's name in the store:
// docker.io/library/alpine:latest, oci:/images/box:v1.
func (r Reference) String() string {
	switch {
	case r.Transport == Stored:
		return r.Name
	case r.Path != "" && r.Name != "":
		return r.Transport + ":" + r.Path + ":" + r.Name
	case r.Path != "":
		return r.Transport + ":" + r.Path
	case r.Digest.Hex != "":
		return r.Registry + "/" + r.Repository + "@" + r.Digest.String()
	case r.Tag != "":
		return r.Registry + "/" + r.Repository + ":" + r.Tag
	}
	return ""
}
