package sh

import (
	"strings"

	"mvdan.cc/sh/v3/expand"
)

// environ is the variables that a shell starts with.
type environ map[string]expand.Variable

func newEnviron(exported, others []string) environ {
	e := make(environ, len(exported)+len(others))
	e.add(others, false)
	e.add(exported, true)
	return e
}

func (e environ) add(list []string, exported bool) {
	for _, variable := range list {
		if name, value, ok := strings.Cut(variable, "="); ok && name != "" {
			e[name] = expand.Variable{Set: true, Kind: expand.String, Str: value, Exported: exported}
		}
	}
}

// Get and Each are expand.Environ's.
func (e environ) Get(name string) expand.Variable { return e[name] }

func (e environ) Each(yield func(string, expand.Variable) bool) {
	for name, v := range e {
		if !yield(name, v) {
			return
		}
	}
}
