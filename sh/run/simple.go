package run

import (
	"strings"

	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

// simple runs a simple command (XCU 2.9.1).
func (sh *Shell) simple(c *syntax.Simple) outcome {
	sh.line = c.Line
	sh.substituted = -1
	base := len(sh.arena)
	args, err := sh.expand(c.Words)
	if err != nil {
		sh.arena = sh.arena[:base]
		return sh.expansionError(err)
	}
	var o outcome
	switch {
	case len(args) > 0:
		o = sh.call(c, args)
	case c.Assigns != nil:
		o = sh.assignOnly(c)
	default:
		o = sh.nothing(c)
	}
	sh.arena = sh.arena[:base]
	if o == next && sh.status != 0 {
		return sh.checked()
	}
	return o
}

// expand makes a command's words of those in the script. They live in the arena until
// the command has ended, so that most commands need no memory for them.
func (sh *Shell) expand(words []*syntax.Word) ([]string, error) {
	base := len(sh.arena)
	if len(words) > 1 && words[0].Fixed && declares(words[0].Literal) {
		args, err := word.Command(sh, words)
		sh.arena = append(sh.arena, args...)
		return sh.arena[base:len(sh.arena):len(sh.arena)], err
	}
	for _, w := range words {
		if w.Fixed {
			sh.arena = append(sh.arena, w.Literal)
			continue
		}
		fields, err := word.Fields(sh, sh.arena, w)
		if err != nil {
			return nil, err
		}
		sh.arena = fields
	}
	return sh.arena[base:len(sh.arena):len(sh.arena)], nil
}

// declares tells whether a command's arguments may be assignments.
func declares(name string) bool {
	return name == "export" || name == "readonly" || name == "local" || name == "command"
}

// nothing is a command without a name and assignments. What its redirections assign is not
// seen, and its status is that of the last command substitution.
func (sh *Shell) nothing(c *syntax.Simple) outcome {
	sh.status = max(sh.substituted, 0)
	if c.Redirects == nil {
		return next
	}
	child := sh.subshell()
	var undo redirection
	err := child.redirect(c.Redirects, &undo)
	undo.keep()
	child.fds.close()
	if err != nil {
		return sh.redirectionError(false, err)
	}
	sh.status = max(sh.status, child.substituted)
	return next
}

// assignOnly is a command of assignments, and maybe redirections: these are also those of its
// command substitutions, so that `x=$(command) 2>/dev/null` is silent.
func (sh *Shell) assignOnly(c *syntax.Simple) outcome {
	var undo redirection
	defer sh.undo(&undo)
	if err := sh.redirect(c.Redirects, &undo); err != nil {
		return sh.redirectionError(false, err)
	}
	if err := sh.assign(c.Assigns, false, nil); err != nil {
		sh.traced = nil
		return sh.expansionError(err)
	}
	if sh.traced != nil {
		sh.trace(nil)
	}
	sh.status = max(sh.substituted, 0)
	return next
}

// call runs a command with its arguments.
func (sh *Shell) call(c *syntax.Simple, args []string) outcome {
	name := args[0]
	b, isBuiltin := builtinOf(name)
	if !isBuiltin || !b.special {
		if f, ok := sh.functions.get(name); ok && f != nil {
			return sh.callFunction(c, f, args)
		}
	}
	if isBuiltin {
		return sh.callBuiltin(c, b, args)
	}
	return sh.callOther(c, args)
}

// callBuiltin runs a builtin. What comes before a special one stays: its assignments.
func (sh *Shell) callBuiltin(c *syntax.Simple, b utility, args []string) outcome {
	var undo redirection
	var before []former
	if c.Redirects != nil {
		if err := sh.redirect(c.Redirects, &undo); err != nil {
			sh.undo(&undo)
			return sh.redirectionError(b.special, err)
		}
	}
	if c.Assigns != nil {
		var kept *[]former
		if !b.special {
			kept = &before
		}
		if err := sh.assign(c.Assigns, kept != nil, kept); err != nil {
			sh.restore(before)
			sh.undo(&undo)
			return sh.expansionError(err)
		}
	}
	if sh.options.on['x'] {
		sh.traceOn(&undo, args)
	}
	sh.start(0)
	sh.status = b.run(sh, args[1:])
	o := sh.flow
	sh.flow = next
	if c.Assigns != nil {
		sh.restore(before)
	}
	if args[0] == "exec" && len(args) == 1 || sh.keepsRedirections(args) {
		undo.keep()
	} else if c.Redirects != nil {
		sh.undo(&undo)
	}
	if sh.broken {
		sh.broken = false
		sh.status = statusBrokenPipe
		return killed
	}
	if o == erring {
		if b.special && !sh.viaCommand(args) {
			return sh.fatal()
		}
		return next
	}
	return o
}

// keepsRedirections tells whether the command is `command exec`.
func (sh *Shell) keepsRedirections(args []string) bool {
	return args[0] == "command" && args[len(args)-1] == "exec" && strings.HasPrefix(strings.Join(args, " "), "command") && allCommand(args[:len(args)-1])
}

func allCommand(args []string) bool {
	for _, a := range args {
		if a != "command" && a != "--" {
			return false
		}
	}
	return true
}

func (sh *Shell) viaCommand(args []string) bool { return args[0] == "command" }

// redirectionError ends the shell if the command is a special builtin.
func (sh *Shell) redirectionError(special bool, err error) outcome {
	if isExpansion(err) {
		return sh.expansionError(err)
	}
	sh.report("", err)
	sh.status = 2
	if special {
		return sh.fatal()
	}
	return next
}

// callOther runs a command of the table, or a program.
func (sh *Shell) callOther(c *syntax.Simple, args []string) outcome {
	return sh.prepared(c, args, func() outcome { return sh.external(args) })
}

// prepared runs what a simple command calls, with its redirections and assignments, which
// last as long as that runs.
func (sh *Shell) prepared(c *syntax.Simple, args []string, call func() outcome) outcome {
	var undo redirection
	if c.Redirects != nil {
		if err := sh.redirect(c.Redirects, &undo); err != nil {
			sh.undo(&undo)
			return sh.redirectionError(false, err)
		}
	}
	var before []former
	if c.Assigns != nil {
		if err := sh.assign(c.Assigns, true, &before); err != nil {
			sh.restore(before)
			sh.undo(&undo)
			return sh.expansionError(err)
		}
	}
	if sh.options.on['x'] {
		sh.traceOn(&undo, args)
	}
	o := call()
	if before != nil {
		sh.restore(before)
	}
	if c.Redirects != nil {
		sh.undo(&undo)
	}
	return o
}

// external runs a command that is neither a function nor a builtin.
func (sh *Shell) external(args []string) outcome {
	if c, ok := sh.lookupTable(args[0]); ok {
		return sh.runTable(c, args)
	}
	return sh.runProgram(args)
}
