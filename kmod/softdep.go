package kmod

import "strings"

// softdep is what should be loaded before and after a module, where it exists:
// "softdep NAME pre: A B post: C" of modules.softdep and modprobe.d(5).
type softdep struct {
	pre, post []string // names or aliases
}

func parseSoftdeps(text string) map[string]softdep {
	deps := make(map[string]softdep)
	for line := range strings.Lines(text) {
		word, rest := cutWord(line)
		if word == "softdep" {
			addSoftdep(deps, rest)
		}
	}
	return deps
}

// addSoftdep takes what follows the word softdep; a second line for one module
// adds to the first.
func addSoftdep(deps map[string]softdep, rest string) {
	name, rest := cutWord(rest)
	if name == "" {
		return
	}
	name = CanonicalName(name)
	dep := deps[name]
	var list *[]string
	for word := range strings.FieldsSeq(rest) {
		switch {
		case word == "pre:":
			list = &dep.pre
		case word == "post:":
			list = &dep.post
		case list != nil:
			*list = append(*list, word)
		}
	}
	deps[name] = dep
}

// cutWord splits the first word off a line.
func cutWord(line string) (word, rest string) {
	line = strings.TrimLeft(line, " \t")
	end := strings.IndexAny(line, " \t\r\n")
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimSpace(line[end:])
}
