package kmod

import "strings"

// builtinIndex is what the kernel has built in, by name (modules.builtin) and by
// alias (modules.builtin.modinfo): asking for it is success.
type builtinIndex struct {
	names   map[string]bool
	aliases []string
}

func parseBuiltin(names, info string) *builtinIndex {
	index := &builtinIndex{names: make(map[string]bool)}
	for line := range strings.Lines(names) {
		if name := FileModule(strings.TrimSpace(line)); name != "" {
			index.names[name] = true
		}
	}
	for field := range strings.SplitSeq(info, "\x00") {
		key, value, _ := strings.Cut(field, "=")
		if strings.HasSuffix(key, ".alias") {
			index.aliases = append(index.aliases, canonicalAlias(value))
		}
	}
	return index
}

// has reports whether a name or alias, both in canonical form, is built in.
func (b *builtinIndex) has(name, alias string) bool {
	if b.names[name] {
		return true
	}
	for _, pattern := range b.aliases {
		if match(pattern, alias) {
			return true
		}
	}
	return false
}
