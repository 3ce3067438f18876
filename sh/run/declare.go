package run

import (
	"fmt"
	"strings"

	"bootrc/sh/syntax"
)

// splitDeclaration reads NAME or NAME=VALUE.
func splitDeclaration(arg string) (name, value string, given bool, err error) {
	name, value, given = strings.Cut(arg, "=")
	if !syntax.IsName(name) {
		err = fmt.Errorf("%s: bad variable name", name)
	}
	return name, value, given, err
}

// declare is export and readonly.
func (sh *Shell) declare(command string, args []string, mark func(*variable) *bool) int {
	if len(args) > 0 && args[0] == "-p" {
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return sh.listDeclared(command, mark)
	}
	for _, arg := range args {
		name, value, given, err := splitDeclaration(arg)
		if err == nil && given {
			err = sh.Set(name, value)
		}
		if err != nil {
			return sh.misuse(command, err)
		}
		*mark(sh.ownVariable(name)) = true
		sh.environment = nil
	}
	return 0
}

func (sh *Shell) listDeclared(command string, mark func(*variable) *bool) int {
	var out strings.Builder
	all := sh.vars.all()
	for _, name := range sortedNames(all) {
		v := all[name]
		switch {
		case !*mark(v):
		case v.set:
			fmt.Fprintf(&out, "%s %s=%s\n", command, name, Quote(v.value))
		default:
			fmt.Fprintf(&out, "%s %s\n", command, name)
		}
	}
	return sh.print(out.String())
}

func export(sh *Shell, args []string) int {
	return sh.declare("export", args, func(v *variable) *bool { return &v.exported })
}

func readonly(sh *Shell, args []string) int {
	return sh.declare("readonly", args, func(v *variable) *bool { return &v.readonly })
}

// unset is the special builtin.
func unset(sh *Shell, args []string) int {
	given, names, err := letters(args, "fv")
	if err != nil {
		return sh.misuse("unset", err)
	}
	for _, name := range names {
		if isLast(given, 'f', 'v') {
			sh.functions.set(name, nil)
			continue
		}
		if !syntax.IsName(name) {
			return sh.misuse("unset", fmt.Errorf("%s: bad variable name", name))
		}
		if err := sh.unset(name); err != nil {
			return sh.misuse("unset", err)
		}
	}
	return 0
}
