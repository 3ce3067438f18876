package kmod

import (
	"fmt"
	"strings"
)

// Lookup returns the names of the modules that a name or alias stands for, in
// the order to load them: none when it is built in, or when all are
// blacklisted. The search is modprobe's: modprobe.d(5), names, modules.alias,
// what is built in. The error wraps ErrNotFound when nothing is known.
func (t *Tree) Lookup(nameOrAlias string) ([]string, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	return t.lookup(config, nameOrAlias)
}

func (t *Tree) lookup(c *config, nameOrAlias string) ([]string, error) {
	alias := canonicalAlias(nameOrAlias)
	modules := c.find(alias)
	if modules == nil {
		deps, err := t.deps()
		if err != nil {
			return nil, err
		}
		name := CanonicalName(nameOrAlias)
		if _, ok := deps.lines[name]; ok {
			return []string{name}, nil
		}
		if modules, err = t.findAlias(alias); err != nil {
			return nil, err
		}
	}
	if modules == nil {
		builtin, err := t.builtin()
		if err != nil {
			return nil, err
		}
		if builtin.has(CanonicalName(nameOrAlias), alias) {
			return nil, nil
		}
		return nil, fmt.Errorf("%s: %w in %s", nameOrAlias, ErrNotFound, t.dir)
	}
	return c.allowed(modules), nil
}

// findAlias returns the modules that the Tree's own indexes have for an alias.
func (t *Tree) findAlias(alias string) ([]string, error) {
	index := t.aliases
	if strings.HasPrefix(alias, "symbol:") {
		index = t.symbols
	}
	aliases, err := index()
	if err != nil {
		return nil, err
	}
	return aliases.find(alias), nil
}

// allowed returns those modules that an alias may load.
func (c *config) allowed(modules []string) []string {
	var kept []string
	for _, module := range modules {
		if !c.blacklist[module] && !c.never[module] {
			kept = append(kept, module)
		}
	}
	return kept
}
