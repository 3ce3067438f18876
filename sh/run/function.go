package run

import (
	"fmt"

	"bootrc/sh/syntax"
)

// maxDepth is how deep functions, eval and dot may call each other.
const maxDepth = 5000

// locals is the variables that a function made its own, with what they were before.
type locals struct {
	before []former
	names  map[string]bool
}

// enter counts calls within calls.
func (sh *Shell) enter(what string) error {
	if sh.depth >= maxDepth {
		return fmt.Errorf("%s: too many calls within calls (%d)", what, maxDepth)
	}
	sh.depth++
	return nil
}

// callFunction runs a function (XCU 2.9.5).
func (sh *Shell) callFunction(c *syntax.Simple, f *syntax.Function, args []string) outcome {
	return sh.prepared(c, args, func() outcome { return sh.runFunction(f, args) })
}

func (sh *Shell) runFunction(f *syntax.Function, args []string) outcome {
	if err := sh.enter(f.Name); err != nil {
		sh.report("", err)
		sh.status = 2
		return sh.fatal()
	}
	sh.start(0)
	params, outer, loops := sh.params, sh.locals, sh.loops
	sh.params, sh.locals, sh.loops = args[1:], nil, 0
	sh.calls++
	o := sh.command(f.Body)
	sh.calls--
	sh.depth--
	if sh.locals != nil {
		sh.restore(sh.locals.before)
	}
	sh.params, sh.locals, sh.loops = params, outer, loops
	switch o {
	case returning, breaking, continuing:
		return next
	}
	return o
}

// local is the builtin that gives the running function variables of its own, with the
// values that they had. It is no POSIX, but every shell has it.
func local(sh *Shell, args []string) int {
	if sh.calls == 0 {
		status := sh.misuse("local", fmt.Errorf("not in a function"))
		sh.flow = sh.fatal()
		return status
	}
	if sh.locals == nil {
		sh.locals = &locals{names: make(map[string]bool)}
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	for _, arg := range args {
		if arg == "-" {
			continue
		}
		name, value, given, err := splitDeclaration(arg)
		if err != nil {
			return sh.misuse("local", err)
		}
		if !sh.locals.names[name] {
			sh.locals.names[name] = true
			sh.locals.before = append(sh.locals.before, sh.former(name))
		}
		if given {
			if err := sh.Set(name, value); err != nil {
				return sh.misuse("local", err)
			}
		}
	}
	return 0
}
