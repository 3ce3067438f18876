package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// indexes returns the texts of modules.dep(5) for a set of modules, by file name.
func indexes(src *source, set []*module) (map[string]string, error) {
	var dep, alias, softdep, order strings.Builder
	alias.WriteString("# Aliases extracted from modules themselves.\n")
	softdep.WriteString("# Soft dependencies extracted from modules themselves.\n")
	for _, m := range set {
		needs, err := src.closure(m)
		if err != nil {
			return nil, err
		}
		dep.WriteString(m.packed() + ":")
		for _, need := range needs {
			dep.WriteString(" " + need.packed())
		}
		dep.WriteString("\n")
		for _, a := range m.info.aliases {
			fmt.Fprintf(&alias, "alias %s %s\n", a, m.name)
		}
		for _, s := range m.info.softdeps {
			fmt.Fprintf(&softdep, "softdep %s %s\n", m.name, s)
		}
		if m.rank < 0 {
			order.WriteString(m.packed() + "\n")
		}
	}
	texts := map[string]string{
		"modules.dep":     dep.String(),
		"modules.alias":   alias.String(),
		"modules.softdep": softdep.String(),
		"modules.order":   order.String(),
	}
	return texts, src.builtinIndexes(texts)
}

// closure returns all that a module needs, in modules.dep's order: each before
// what it needs itself, so that they load from the end.
func (s *source) closure(m *module) ([]*module, error) {
	var first []*module // what is needed comes first
	var visit func(m *module, chain []string) error
	visit = func(m *module, chain []string) error {
		if slices.Contains(chain, m.name) {
			return fmt.Errorf("modules need each other: %s", strings.Join(append(chain, m.name), ", "))
		}
		if slices.Contains(first, m) {
			return nil
		}
		for _, name := range m.info.depends {
			if need := s.modules[name]; need != nil {
				if err := visit(need, append(slices.Clone(chain), m.name)); err != nil {
					return err
				}
			}
		}
		first = append(first, m)
		return nil
	}
	if err := visit(m, nil); err != nil {
		return nil, err
	}
	needs := first[:len(first)-1]
	slices.Reverse(needs)
	return needs, nil
}

// builtinIndexes adds what the kernel has built in: the names, and of
// modules.builtin.modinfo the aliases.
func (s *source) builtinIndexes(texts map[string]string) error {
	names, err := s.text("modules.builtin")
	if err != nil {
		return err
	}
	info, err := s.text("modules.builtin.modinfo")
	if err != nil {
		return err
	}
	var aliases strings.Builder
	for _, field := range builtinAliases(info) {
		aliases.WriteString(field + "\x00")
	}
	texts["modules.builtin"] = names
	texts["modules.builtin.modinfo"] = aliases.String()
	return nil
}

// builtinAliases yields the aliases in modules.builtin.modinfo, each with the
// field "MODULE.alias=ALIAS" that it is in.
func builtinAliases(info string) iter.Seq2[string, string] {
	return func(yield func(alias, field string) bool) {
		for field := range strings.SplitSeq(info, "\x00") {
			key, alias, _ := strings.Cut(field, "=")
			if strings.HasSuffix(key, ".alias") && !yield(alias, field) {
				return
			}
		}
	}
}
