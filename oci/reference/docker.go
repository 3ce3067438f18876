package reference

import (
	"errors"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// maxRepository is distribution's limit of registry and repository, in bytes.
const maxRepository = 255

// ParseDocker reads [REGISTRY/]REPOSITORY[:TAG][@DIGEST], by the grammar of
// distribution's reference package. It is done here because the packages that
// do it compile regular expressions when the program starts: 0.1 s of the boot
// on a slow CPU.
func ParseDocker(s string) (Reference, error) {
	r := Reference{Transport: Docker, Tag: "latest"}
	rest, digest, ok := strings.Cut(s, "@")
	if ok {
		var err error
		if r.Digest, err = v1.NewHash(digest); err != nil {
			return Reference{}, fmt.Errorf("digest %q is not like sha256: and 64 hex digits", digest)
		}
		r.Tag = ""
	}
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		tag := rest[colon+1:]
		if !isTag(tag) {
			return Reference{}, fmt.Errorf("tag %q is not one", tag)
		}
		// with a digest, the tag says nothing more.
		if r.Tag != "" {
			r.Tag = tag
		}
		rest = rest[:colon]
	}
	r.Registry, r.Repository = splitRegistry(rest)
	return r, r.check()
}

// splitRegistry tells a registry from the first part of a repository's name, as
// docker does: it has a dot, a port or capitals, or is localhost.
func splitRegistry(name string) (registry, repository string) {
	first, rest, ok := strings.Cut(name, "/")
	isHost := ok && (strings.ContainsAny(first, ".:") || first == "localhost" || strings.ToLower(first) != first)
	if !isHost {
		first, rest = "docker.io", name
	}
	if first == "index.docker.io" {
		first = "docker.io"
	}
	if first == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	return first, rest
}

func (r Reference) check() error {
	if r.Repository == "" || r.Repository == "library/" {
		return errors.New("name is empty")
	}
	if !isHost(r.Registry) {
		return fmt.Errorf("registry %q is not a host's name", r.Registry)
	}
	for _, part := range strings.Split(r.Repository, "/") {
		if part != strings.ToLower(part) {
			return fmt.Errorf("name %q has capital letters", part)
		}
		if !isPathComponent(part) {
			return fmt.Errorf("name %q is not of letters and digits with single . _ - between them", part)
		}
	}
	if n := len(r.Registry) + 1 + len(r.Repository); n > maxRepository {
		return fmt.Errorf("name is %d bytes long, more than %d", n, maxRepository)
	}
	return nil
}

func isTag(s string) bool {
	if s == "" || len(s) > 128 || s[0] == '.' || s[0] == '-' {
		return false
	}
	return all(s, func(c byte) bool { return isLetter(c|0x20) || isDigit(c) || strings.IndexByte("_.-", c) >= 0 })
}

// isHost knows NAME, IPv4 and [IPv6], each with or without a port.
func isHost(s string) bool {
	host, port := s, "0"
	if colon := strings.LastIndexByte(s, ':'); colon > strings.LastIndexByte(s, ']') {
		host, port = s[:colon], s[colon+1:]
	}
	if port == "" || len(port) > 5 || !all(port, isDigit) {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && all(inner, func(c byte) bool {
			return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' || c == ':'
		})
	}
	for _, label := range strings.Split(host, ".") {
		ok := label != "" && label[0] != '-' && label[len(label)-1] != '-' &&
			all(label, func(c byte) bool { return isLetter(c|0x20) || isDigit(c) || c == '-' })
		if !ok {
			return false
		}
	}
	return true
}

// isPathComponent knows letters and digits with one of ".", "_", "__" or any
// number of "-" between them.
func isPathComponent(s string) bool {
	isAlnum := func(c byte) bool { return isLetter(c) || isDigit(c) }
	if s == "" || !isAlnum(s[0]) || !isAlnum(s[len(s)-1]) {
		return false
	}
	for i := 0; i < len(s); {
		if isAlnum(s[i]) {
			i++
			continue
		}
		end := i
		for !isAlnum(s[end]) {
			end++
		}
		separator := s[i:end]
		if separator != "." && separator != "_" && separator != "__" && strings.Trim(separator, "-") != "" {
			return false
		}
		i = end
	}
	return true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
