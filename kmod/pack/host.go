package main

import (
	"fmt"
	"slices"

	"bootrc/kit/device"
	"bootrc/kmod"
	"bootrc/kmod/index"
)

// ofHost returns the modules for the devices of the machine whose root is given, and
// those that it has loaded.
func (s *source) ofHost(root string) ([]string, error) {
	var aliases []string
	device.Walk(root+"sys", func(_, alias string) { aliases = append(aliases, alias) })
	names, err := s.ofAliases(aliases)
	if err != nil {
		return nil, err
	}
	loaded, err := kmod.List()
	if err != nil {
		return nil, err
	}
	for _, l := range loaded {
		if s.modules[l.Name] != nil {
			names = append(names, l.Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("modules %s: none is for a device of this machine", s.dir)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// ofAliases returns the modules that have one of the aliases.
func (s *source) ofAliases(aliases []string) ([]string, error) {
	x, err := s.aliasIndex()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, alias := range aliases {
		names = append(names, x.Find(kmod.CanonicalAlias(alias))...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// aliasIndex returns the index of all modules' aliases.
func (s *source) aliasIndex() (*index.Index, error) {
	if err := s.read(s.order); err != nil {
		return nil, err
	}
	var entries []index.Entry
	for priority, m := range s.order {
		for _, alias := range m.info.aliases {
			entries = append(entries, index.Entry{Pattern: kmod.CanonicalAlias(alias), Value: m.name, Priority: priority})
		}
	}
	data, err := index.Write(entries)
	if err != nil {
		return nil, err
	}
	return index.Parse(data)
}
