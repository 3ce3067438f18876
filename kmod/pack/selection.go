package main

import (
	"fmt"
	"slices"
	"strings"

	"bootrc/kmod"
)

// named returns the modules that a person named: canonical names, in the order
// given. One that is built in needs no file.
func (s *source) named(names []string) ([]string, error) {
	var found []string
	for _, name := range names {
		name = kmod.CanonicalName(strings.TrimSpace(name))
		switch {
		case name == "" || s.builtin[name]:
		case s.modules[name] != nil:
			found = append(found, name)
		default:
			return nil, fmt.Errorf("there is no module %s in %s", name, s.dir)
		}
	}
	return found, nil
}

// all returns the names of all modules.
func (s *source) all() []string {
	var names []string
	for _, m := range s.order {
		names = append(names, m.name)
	}
	return names
}

// withDependencies returns the modules and all that they need, by priority. A
// soft dependency, which may be an alias, is followed where it exists.
func (s *source) withDependencies(names []string) ([]*module, error) {
	chosen := make(map[string]bool)
	for len(names) > 0 {
		var fresh []*module
		for _, name := range names {
			if !chosen[name] {
				chosen[name] = true
				fresh = append(fresh, s.modules[name])
			}
		}
		if err := s.read(fresh); err != nil {
			return nil, err
		}
		names = nil
		for _, m := range fresh {
			needs, err := s.needs(m)
			if err != nil {
				return nil, err
			}
			names = append(names, needs...)
		}
	}
	var set []*module
	for _, m := range s.order {
		if chosen[m.name] {
			set = append(set, m)
		}
	}
	return set, nil
}

// needs returns the names of the modules that a module depends on directly.
func (s *source) needs(m *module) ([]string, error) {
	var needs []string
	for _, name := range m.info.depends {
		if s.modules[name] != nil {
			needs = append(needs, name)
		} else if !s.builtin[name] {
			return nil, fmt.Errorf("module %s needs %s, which is not in %s", m.name, name, s.dir)
		}
	}
	for _, softdep := range m.info.softdeps {
		for _, name := range softNames(softdep) {
			found, err := s.soft(name)
			if err != nil {
				return nil, err
			}
			needs = append(needs, found...)
		}
	}
	for _, name := range m.info.weakdeps {
		if name = kmod.CanonicalName(name); s.modules[name] != nil {
			needs = append(needs, name)
		}
	}
	return needs, nil
}

// soft resolves a soft dependency. To look for an alias takes reading all modules. Of
// those that have it, the ones that are not for some kind of processor alone do: a cipher
// is there once more for each.
func (s *source) soft(name string) ([]string, error) {
	module := kmod.CanonicalName(name)
	if s.modules[module] != nil {
		return []string{module}, nil
	}
	if s.builtin[module] {
		return nil, nil
	}
	if err := s.read(s.order); err != nil {
		return nil, err
	}
	var general, special []string
	for _, m := range s.order {
		switch {
		case !slices.ContainsFunc(m.info.aliases, func(a string) bool { return kmod.CanonicalName(a) == module }):
		case strings.HasPrefix(m.plain(), "kernel/arch/") || strings.HasPrefix(m.plain(), "kernel/drivers/crypto/"):
			special = append(special, m.name)
		default:
			general = append(general, m.name)
		}
	}
	if general != nil {
		return general, nil
	}
	return special, nil
}
