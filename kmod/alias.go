package kmod

import (
	"math/bits"
	"slices"
	"strings"
)

// keyLen bounds the literal start of a pattern that it is filed under: long
// enough for a bus and a vendor ("pci:v00001AF4"), where most patterns part.
const keyLen = 14

// aliasIndex is modules.alias or modules.symbols: lines "alias PATTERN MODULE",
// with fnmatch(3) patterns.
//
// A full kernel has tens of thousands of lines, so each is filed under what
// stands before its first wildcard, and an alias is compared only with the
// patterns filed under its own beginnings.
type aliasIndex struct {
	entries []aliasEntry
	heads   map[string]int32 // from a key to its last entry
	lengths uint32           // bit n is set if there is a key of n bytes
}

type aliasEntry struct {
	pattern, module string
	previous        int32 // of the same key, or -1
}

func parseAliases(text string) *aliasIndex {
	lines := strings.Count(text, "\n") + 1
	index := &aliasIndex{
		entries: make([]aliasEntry, 0, lines),
		heads:   make(map[string]int32, lines/4),
	}
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "alias ")
		if !ok {
			continue
		}
		pattern, module := cutWord(rest)
		if module != "" {
			index.add(canonicalAlias(pattern), CanonicalName(module))
		}
	}
	return index
}

func (a *aliasIndex) add(pattern, module string) {
	key := pattern[:literalLen(pattern)]
	previous, ok := a.heads[key]
	if !ok {
		previous = -1
	}
	a.heads[key] = int32(len(a.entries))
	a.lengths |= 1 << len(key)
	a.entries = append(a.entries, aliasEntry{pattern, module, previous})
}

func literalLen(pattern string) int {
	n := min(len(pattern), keyLen)
	for i := range n {
		switch pattern[i] {
		case '*', '?', '[', '\\':
			return i
		}
	}
	return n
}

// find returns the modules with a pattern that matches alias, in the order of
// the file, which is that of their priority.
func (a *aliasIndex) find(alias string) []string {
	var matches []int32
	for rest := a.lengths; rest != 0; rest &= rest - 1 {
		n := bits.TrailingZeros32(rest)
		if n > len(alias) {
			break
		}
		i, ok := a.heads[alias[:n]]
		for ok && i >= 0 {
			if match(a.entries[i].pattern, alias) {
				matches = append(matches, i)
			}
			i = a.entries[i].previous
		}
	}
	slices.Sort(matches)
	var modules []string
	for _, i := range matches {
		if module := a.entries[i].module; !slices.Contains(modules, module) {
			modules = append(modules, module)
		}
	}
	return modules
}
