package main

import (
	"fmt"
	"path"
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

// drivers returns the modules that drivers.go asks for: those in the wanted
// folders, and whatever its owner added beside the kernel's own.
func (s *source) drivers() ([]string, error) {
	var found []string
	for _, m := range s.order {
		if wanted(m.packed()) {
			found = append(found, m.name)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("modules %s: no driver in it is among those to pack", s.dir)
	}
	return found, nil
}

// wanted decides on a path such as "kernel/drivers/net/veth.ko". The longest
// entry of drivers or notWanted that it lies in decides.
func wanted(file string) bool {
	file, inKernel := strings.CutPrefix(strings.TrimSuffix(file, ".ko"), "kernel/")
	if !inKernel {
		return true
	}
	for part := file; part != "."; part = path.Dir(part) {
		if slices.Contains(notWanted, part) {
			return false
		}
		if slices.Contains(drivers, part) {
			return true
		}
	}
	return false
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

// soft resolves a soft dependency. To look for an alias takes reading all modules.
// Where some that have it are wanted anyway, the others (the same algorithm once
// more for each kind of processor) stay out.
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
	var preferred, others []string
	for _, m := range s.order {
		switch {
		case !slices.ContainsFunc(m.info.aliases, func(a string) bool { return kmod.CanonicalName(a) == module }):
		case wanted(m.packed()):
			preferred = append(preferred, m.name)
		default:
			others = append(others, m.name)
		}
	}
	if preferred != nil {
		return preferred, nil
	}
	return others, nil
}
