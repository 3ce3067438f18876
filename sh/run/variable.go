package run

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

// variable is a variable's value and attributes. It may have attributes and no value.
type variable struct {
	value    string
	set      bool
	exported bool
	readonly bool
}

// maxMemory is how many bytes a script's variables may hold, and a command substitution
// may print.
const maxMemory = 64 << 20

// ReadonlyError reports the change of a variable that is read-only.
type ReadonlyError struct{ Name string }

func (e *ReadonlyError) Error() string { return e.Name + ": is read only" }

// Get returns the value of a variable, and whether it is set.
func (sh *Shell) Get(name string) (value string, set bool) {
	if v, ok := sh.vars.get(name); ok && v.set {
		return v.value, true
	}
	if name == "LINENO" {
		return strconv.Itoa(sh.line), true
	}
	return "", false
}

// Set gives a variable its value.
func (sh *Shell) Set(name, value string) error {
	v, own := sh.vars.own[name]
	if !own {
		v = sh.ownVariable(name)
	}
	if v.readonly {
		return &ReadonlyError{name}
	}
	if sh.memory += len(value) - len(v.value); sh.memory > maxMemory {
		sh.memory -= len(value) - len(v.value)
		return fmt.Errorf("%s: the script's variables would hold more than %d MiB", name, maxMemory>>20)
	}
	if v.exported || sh.options.on['a'] {
		v.exported = true
		sh.environment = nil
	}
	v.value, v.set = value, true
	switch name {
	case "PATH":
		sh.forgetPaths()
	case "OPTIND":
		sh.getopts = getoptsState{}
	}
	return nil
}

// ownVariable returns the variable of that name, which this shell may change.
func (sh *Shell) ownVariable(name string) *variable {
	if v, ok := sh.vars.own[name]; ok {
		return v
	}
	v := new(variable)
	if outer, ok := sh.vars.get(name); ok {
		*v = *outer
	}
	sh.vars.set(name, v)
	return v
}

// unset removes a variable.
func (sh *Shell) unset(name string) error {
	v, ok := sh.vars.get(name)
	if !ok {
		return nil
	}
	if v.readonly {
		return &ReadonlyError{name}
	}
	sh.replace(name, variable{})
	return nil
}

// replace makes a variable what it was at another time.
func (sh *Shell) replace(name string, as variable) {
	v := sh.ownVariable(name)
	if v.exported || as.exported {
		sh.environment = nil
	}
	sh.memory += len(as.value) - len(v.value)
	*v = as
	if name == "PATH" {
		sh.forgetPaths()
	}
	if name == "OPTIND" {
		sh.getopts = getoptsState{}
	}
}

// Environ is the exported variables as NAME=VALUE.
func (sh *Shell) Environ() []string {
	if sh.environment == nil {
		env := make([]string, 0, 32)
		for name, v := range sh.vars.all() {
			if v.exported && v.set {
				env = append(env, name+"="+v.value)
			}
		}
		slices.Sort(env)
		sh.environment = env
	}
	return sh.environment
}

// Unexported is the other variables, as NAME=VALUE.
func (sh *Shell) Unexported() []string {
	var others []string
	for name, v := range sh.vars.all() {
		if !v.exported && v.set && !v.readonly {
			others = append(others, name+"="+v.value)
		}
	}
	return others
}

// Names is the names of all variables, sorted.
func (sh *Shell) Names() []string {
	var names []string
	for name, v := range sh.vars.all() {
		if v.set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// define adds variables, NAME=VALUE, to a new shell.
func (sh *Shell) define(list []string, exported bool) {
	for _, entry := range list {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || !syntax.IsName(name) {
			continue
		}
		if exported || !sh.has(name) {
			sh.replace(name, variable{value: value, set: true, exported: exported})
		}
	}
}

func (sh *Shell) has(name string) bool {
	_, ok := sh.vars.get(name)
	return ok
}

// assign gives variables the values of a command's assignments; undo, if not nil, takes
// down what they were before.
func (sh *Shell) assign(assigns []*syntax.Assign, export bool, undo *[]former) error {
	for _, a := range assigns {
		value, err := sh.assignedValue(a)
		if err != nil {
			return err
		}
		if undo != nil {
			*undo = append(*undo, sh.former(a.Name))
		}
		if err := sh.Set(a.Name, value); err != nil {
			return err
		}
		if export {
			v := sh.ownVariable(a.Name)
			if !v.exported {
				v.exported, sh.environment = true, nil
			}
		}
		if sh.options.on['x'] {
			sh.traced = append(sh.traced, a.Name+"="+quoteIfNeeded(value))
		}
	}
	return nil
}

// former is what a variable was.
type former struct {
	name string
	was  variable
}

func (sh *Shell) former(name string) former {
	f := former{name: name}
	if v, ok := sh.vars.get(name); ok {
		f.was = *v
	}
	return f
}

// restore undoes assignments, the last one first.
func (sh *Shell) restore(undo []former) {
	for _, f := range slices.Backward(undo) {
		sh.replace(f.name, f.was)
	}
}

func (sh *Shell) assignedValue(a *syntax.Assign) (string, error) {
	if a.Value.Fixed {
		return a.Value.Literal, nil
	}
	return word.Assignment(sh, a.Value)
}
