package config

import (
	"fmt"
	"strings"

	"bootrc/oci/reference"
)

// Place is where an image may be.
type Place struct {
	Registry, Repository string
	Insecure             bool // any certificate and plain http will do
	Mirror               bool // it is not the place of its name
}

// Places returns where the image of a name is, in the order in which to ask: the mirrors of the
// registry with the longest prefix, and its own place.
func (c *Config) Places(ref reference.Reference) ([]Place, error) {
	name := ref.Registry + "/" + ref.Repository
	r, rest := c.registry(ref)
	if r == nil {
		return []Place{{Registry: ref.Registry, Repository: ref.Repository}}, nil
	}
	if r.Blocked {
		return nil, fmt.Errorf("registries.conf blocks %s", r.Prefix)
	}
	var places []Place
	for _, m := range r.Mirrors {
		if m.Pull == "digest-only" && ref.Digest.Hex == "" || m.Pull == "tag-only" && ref.Digest.Hex != "" {
			continue
		}
		place, err := at(m.Location + rest)
		if err != nil {
			return nil, fmt.Errorf("mirror of %s: %w", r.Prefix, err)
		}
		place.Insecure, place.Mirror = m.Insecure, true
		places = append(places, place)
	}
	own := name
	if r.Location != "" {
		own = r.Location + rest
	}
	place, err := at(own)
	if err != nil {
		return nil, fmt.Errorf("location of %s: %w", r.Prefix, err)
	}
	place.Insecure = r.Insecure
	return append(places, place), nil
}

// registry returns the one whose prefix is the longest of those that cover the name, and what
// of the name comes after it.
func (c *Config) registry(ref reference.Reference) (found *Registry, rest string) {
	longest := 0
	for i := range c.Registries {
		r := &c.Registries[i]
		if n := ref.Covered(r.Prefix); n > longest {
			longest, found = n, r
		}
	}
	if found == nil {
		return nil, ""
	}
	name := ref.Registry + "/" + ref.Repository
	if strings.HasPrefix(found.Prefix, "*.") {
		return found, name[len(ref.Registry):]
	}
	return found, name[min(len(found.Prefix), len(name)):]
}

// at reads a location with the rest of a name behind it.
func at(name string) (Place, error) {
	registry, repository, ok := strings.Cut(name, "/")
	if !ok {
		return Place{}, fmt.Errorf("%q has no repository", name)
	}
	ref, err := reference.ParseDocker(name)
	if err != nil {
		return Place{}, err
	}
	// ParseDocker takes what has no dot for a part of Docker's names
	if ref.Registry != registry {
		if registry == "index.docker.io" {
			registry = "docker.io"
		}
		return Place{Registry: registry, Repository: repository}, nil
	}
	return Place{Registry: ref.Registry, Repository: ref.Repository}, nil
}

// Names returns what a short name may stand for, in the order in which to try; of any other
// name only that. Without a word of the files, a short name is on docker.io.
func (c *Config) Names(ref reference.Reference) ([]reference.Reference, error) {
	if ref.Short == "" {
		return []reference.Reference{ref}, nil
	}
	if full := c.Aliases[ref.Short]; full != "" {
		named, err := ref.On(full)
		if err != nil {
			return nil, fmt.Errorf("alias %s of registries.conf: %w", ref.Short, err)
		}
		return []reference.Reference{named}, nil
	}
	if len(c.Search) == 0 {
		return []reference.Reference{ref}, nil
	}
	var all []reference.Reference
	for _, registry := range c.Search {
		named, err := ref.On(registry + "/" + ref.Short)
		if err != nil {
			return nil, fmt.Errorf("unqualified-search-registries of registries.conf: %w", err)
		}
		all = append(all, named)
	}
	return all, nil
}
