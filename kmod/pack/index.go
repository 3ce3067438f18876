package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"bootrc/kmod"
	"bootrc/kmod/index"
)

// indexes returns the files of modules.dep(5) for a set of modules, by name: what
// depmod(8) writes, in text and in binary form.
func indexes(src *source, set []*module) (map[string]string, error) {
	x := indexer{texts: make(map[string]*strings.Builder), entries: make(map[string][]index.Entry)}
	x.text("modules.alias").WriteString("# Aliases extracted from modules themselves.\n")
	x.text("modules.softdep").WriteString("# Soft dependencies extracted from modules themselves.\n")
	x.text("modules.symbols").WriteString("# Aliases for symbols, used by symbol_request().\n")
	x.text("modules.order")
	for priority, m := range set {
		needs, err := src.closure(m)
		if err != nil {
			return nil, err
		}
		x.add(m, needs, priority)
	}
	if err := x.addBuiltin(src); err != nil {
		return nil, err
	}
	return x.files()
}

// indexer gathers the indexes, by their names.
type indexer struct {
	texts   map[string]*strings.Builder
	entries map[string][]index.Entry // of the binary ones
}

func (x *indexer) text(name string) *strings.Builder {
	if x.texts[name] == nil {
		x.texts[name] = new(strings.Builder)
	}
	return x.texts[name]
}

func (x *indexer) entry(name, pattern, value string, priority int) {
	x.entries[name] = append(x.entries[name], index.Entry{Pattern: pattern, Value: value, Priority: priority})
}

// add adds what the indexes say of one module.
func (x *indexer) add(m *module, needs []*module, priority int) {
	line := m.packed() + ":"
	for _, need := range needs {
		line += " " + need.packed()
	}
	x.text("modules.dep").WriteString(line + "\n")
	x.entry("modules.dep.bin", m.name, line, priority)
	for _, alias := range m.info.aliases {
		fmt.Fprintf(x.text("modules.alias"), "alias %s %s\n", alias, m.name)
		x.entry("modules.alias.bin", kmod.CanonicalAlias(alias), m.name, priority)
	}
	for _, softdep := range m.info.softdeps {
		fmt.Fprintf(x.text("modules.softdep"), "softdep %s %s\n", m.name, softdep)
	}
	for _, symbol := range m.info.symbols {
		fmt.Fprintf(x.text("modules.symbols"), "alias symbol:%s %s\n", symbol, m.name)
		x.entry("modules.symbols.bin", "symbol:"+symbol, m.name, priority)
	}
	if node, ok := m.info.deviceNode(); ok {
		fmt.Fprintf(x.text("modules.devname"), "%s %s\n", m.name, node)
	}
	if m.rank < 0 {
		x.text("modules.order").WriteString(m.plain() + "\n")
	}
}

// deviceNode returns what modules.devname says of a module that is to be loaded when a
// device is opened: "NAME cMAJOR:MINOR".
func (i *modinfo) deviceNode() (node string, ok bool) {
	var name, number string
	for _, alias := range i.aliases {
		var major, minor int
		if rest, ok := strings.CutPrefix(alias, "devname:"); ok {
			name = rest
		} else if n, _ := fmt.Sscanf(alias, "char-major-%d-%d", &major, &minor); n == 2 {
			number = fmt.Sprintf("c%d:%d", major, minor)
		} else if n, _ := fmt.Sscanf(alias, "block-major-%d-%d", &major, &minor); n == 2 {
			number = fmt.Sprintf("b%d:%d", major, minor)
		}
	}
	return name + " " + number, name != "" && number != ""
}

// addBuiltin adds what the kernel has built in: the names, and of
// modules.builtin.modinfo the aliases.
func (x *indexer) addBuiltin(src *source) error {
	names, err := src.text("modules.builtin")
	if err != nil {
		return err
	}
	info, err := src.text("modules.builtin.modinfo")
	if err != nil {
		return err
	}
	x.text("modules.builtin").WriteString(names)
	for file := range strings.FieldsSeq(names) {
		x.entry("modules.builtin.bin", kmod.FileModule(file), "", 0)
	}
	x.text("modules.builtin.modinfo")
	for alias, field := range builtinAliases(info) {
		x.text("modules.builtin.modinfo").WriteString(field + "\x00")
		module, _, _ := strings.Cut(field, ".")
		x.entry("modules.builtin.alias.bin", kmod.CanonicalAlias(alias), module, 0)
	}
	return nil
}

// files returns the indexes as they are written.
func (x *indexer) files() (map[string]string, error) {
	files := make(map[string]string)
	for name, text := range x.texts {
		files[name] = text.String()
	}
	for _, name := range []string{
		"modules.dep.bin", "modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin", "modules.builtin.alias.bin",
	} {
		data, err := index.Write(x.entries[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = string(data)
	}
	return files, nil
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
