package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// aliasText is what the parser asks for.
func (sh *Shell) aliasText(name string) (string, bool) {
	text, ok := sh.aliases.get(name)
	if !ok || text == removedAlias {
		return "", false
	}
	return text, true
}

// removedAlias stands for an alias that a subshell removed: no text has a NUL in it.
const removedAlias = "\x00"

func alias(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		args = sortedNames(sh.aliases.all())
	}
	status := 0
	var out strings.Builder
	for _, arg := range args {
		name, text, given := strings.Cut(arg, "=")
		if given && name != "" {
			sh.aliases.set(name, text)
			continue
		}
		text, ok := sh.aliasText(name)
		if !ok {
			if sh.has(name) || len(arg) > 0 && !sh.removed(name) {
				status = sh.failed("alias", fmt.Errorf("%s: not found", name))
			}
			continue
		}
		fmt.Fprintf(&out, "%s=%s\n", name, Quote(text))
	}
	return max(status, sh.print(out.String()))
}

func (sh *Shell) removed(name string) bool {
	text, ok := sh.aliases.get(name)
	return ok && text == removedAlias
}

func unalias(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "-a" {
		for name := range sh.aliases.all() {
			sh.removeAlias(name)
		}
		return 0
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	status := 0
	for _, name := range args {
		if _, ok := sh.aliasText(name); !ok {
			status = sh.failed("unalias", fmt.Errorf("%s: not found", name))
			continue
		}
		sh.removeAlias(name)
	}
	return status
}

func (sh *Shell) removeAlias(name string) {
	if sh.aliases.outer == nil {
		delete(sh.aliases.own, name)
		return
	}
	sh.aliases.set(name, removedAlias)
}
