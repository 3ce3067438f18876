// Package config reads which registries stand for which: containers-registries.conf(5),
// version 2, from where podman reads it.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/regular"
)

// maxFile bounds a file, in bytes.
const maxFile = 1 << 20

// Config is what the files say together.
type Config struct {
	Search     []string          // registries for names without one, in order
	Aliases    map[string]string // names in full, by short ones
	Registries []Registry
}

// Registry is a table [[registry]].
type Registry struct {
	Prefix, Location string
	Insecure         bool
	Blocked          bool
	Mirrors          []Mirror
}

// Mirror is a table [[registry.mirror]].
type Mirror struct {
	Location string
	Insecure bool
	Pull     string // which references it serves: "all", "digest-only", "tag-only"
}

// Files lists the files to read for a user with that home folder, in order; later ones count
// more. Not all of them need exist.
func Files(home string) []string {
	files := []string{"/etc/containers/registries.conf"}
	own := filepath.Join(home, ".config/containers/registries.conf")
	if _, err := os.Stat(own); err == nil && home != "" {
		files[0] = own
	}
	drop, _ := filepath.Glob("/etc/containers/registries.conf.d/*.conf")
	files = append(files, drop...)
	if home != "" {
		drop, _ = filepath.Glob(own + ".d/*.conf")
		files = append(files, drop...)
	}
	return files
}

// Load reads the files.
func Load(files []string) (*Config, error) {
	c := &Config{Aliases: make(map[string]string)}
	for _, file := range files {
		text, err := regular.Read(file, maxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := c.add(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return c, nil
}

// add reads a file's text over what there is: a table [[registry]] stands in the place of an
// earlier one with its prefix.
func (c *Config) add(text string) error {
	root, err := parseTOML(text)
	if err != nil {
		return err
	}
	if root["registries"] != nil {
		return errors.New("it is of version 1, with [registries.…], which podman reads no more, either: write [[registry]]")
	}
	if search, ok := root["unqualified-search-registries"].([]string); ok {
		c.Search = search
	}
	if aliases, ok := root["aliases"].(table); ok {
		for name := range aliases {
			c.Aliases[name] = aliases.text(name)
		}
	}
	tables, _ := root["registry"].([]table)
	for _, t := range tables {
		r, err := newRegistry(t)
		if err != nil {
			return err
		}
		c.Registries = slices.DeleteFunc(c.Registries, func(other Registry) bool { return other.Prefix == r.Prefix })
		c.Registries = append(c.Registries, r)
	}
	return nil
}

func newRegistry(t table) (Registry, error) {
	r := Registry{
		Prefix: t.text("prefix"), Location: strings.TrimSuffix(t.text("location"), "/"),
		Insecure: t.flag("insecure"), Blocked: t.flag("blocked"),
	}
	r.Prefix = strings.TrimSuffix(r.Prefix, "/")
	if r.Prefix == "" {
		r.Prefix = r.Location
	}
	if r.Prefix == "" {
		return r, errors.New("a [[registry]] has neither prefix nor location")
	}
	mirrors, _ := t["mirror"].([]table)
	for _, m := range mirrors {
		mirror := Mirror{Location: strings.TrimSuffix(m.text("location"), "/"), Insecure: m.flag("insecure"), Pull: m.text("pull-from-mirror")}
		if mirror.Location == "" {
			return r, fmt.Errorf("a mirror of %s has no location", r.Prefix)
		}
		if t.flag("mirror-by-digest-only") {
			mirror.Pull = "digest-only"
		}
		r.Mirrors = append(r.Mirrors, mirror)
	}
	return r, nil
}

func (t table) text(name string) string {
	text, _ := t[name].(string)
	return text
}

func (t table) flag(name string) bool {
	on, _ := t[name].(bool)
	return on
}
