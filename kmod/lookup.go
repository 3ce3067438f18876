package kmod

import (
	"fmt"
	"strings"
)

// lookup returns the names of the modules that a name or alias stands for, in
// the order to load them: none when it is built in, or when all are
// blacklisted. The search is modprobe's: modprobe.d(5), names, modules.alias,
// what is built in. The error wraps ErrNotFound when nothing is known.
func (t *Tree) lookup(c *config, nameOrAlias string) ([]string, error) {
	alias := CanonicalAlias(nameOrAlias)
	modules := c.find(alias)
	if modules == nil {
		deps, err := t.deps()
		if err != nil {
			return nil, err
		}
		name := CanonicalName(nameOrAlias)
		if len(deps.Find(name)) > 0 {
			return []string{name}, nil
		}
		if modules, err = t.findAlias(alias); err != nil {
			return nil, err
		}
	}
	if modules == nil {
		builtin, err := t.isBuiltin(CanonicalName(nameOrAlias), alias)
		if builtin || err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w in %s", nameOrAlias, ErrNotFound, t.dir)
	}
	return c.allowed(modules), nil
}

// isBuiltin tells whether the kernel has a name or alias, both in canonical form, built in.
func (t *Tree) isBuiltin(name, alias string) (bool, error) {
	names, err := t.builtin()
	if err != nil || len(names.Find(name)) > 0 {
		return err == nil, err
	}
	aliases, err := t.builtinAliases()
	return err == nil && len(aliases.Find(alias)) > 0, err
}

// findAlias returns the modules that the Tree's own indexes have for an alias.
func (t *Tree) findAlias(alias string) ([]string, error) {
	find := t.aliases
	if strings.HasPrefix(alias, "symbol:") {
		find = t.symbols
	}
	aliases, err := find()
	if err != nil {
		return nil, err
	}
	return aliases.Find(alias), nil
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
