package kmod

import (
	"path/filepath"
	"strings"
)

// depIndex is modules.dep: a line "FILE: FILE…" for each module, with all that
// it depends on, directly or not. Lines are split when asked for.
type depIndex struct {
	lines map[string]string // from a module's name to its line
}

func parseDeps(text string) *depIndex {
	index := &depIndex{make(map[string]string, strings.Count(text, "\n")+1)}
	for line := range strings.Lines(text) {
		file, _, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		if name := FileModule(file); name != "" {
			index.lines[name] = line
		}
	}
	return index
}

// find returns a module's file and the names of the modules that it needs.
func (d *depIndex) find(name string) (file string, needs []string, ok bool) {
	line, ok := d.lines[name]
	if !ok {
		return "", nil, false
	}
	file, rest, _ := strings.Cut(line, ":")
	for word := range strings.FieldsSeq(rest) {
		if need := FileModule(word); need != "" {
			needs = append(needs, need)
		}
	}
	return file, needs, true
}

// path returns where a file of modules.dep is: relative to the Tree's folder, as
// depmod writes it, or absolute, as old ones did.
func (t *Tree) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(t.dir, file)
}
