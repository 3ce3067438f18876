package run

import (
	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

// list runs commands one after the other.
func (sh *Shell) list(commands syntax.List) outcome {
	for _, c := range commands {
		if o := sh.command(c); o != next {
			return o
		}
	}
	return next
}

// command runs a command; its status is then in sh.status. Traps whose signals arrived
// meanwhile run with the redirections around it.
func (sh *Shell) command(c syntax.Command) outcome {
	if sh.proc.flags.Load() != 0 {
		if o := sh.attend(); o != next {
			return o
		}
	}
	if sh.options.on['n'] && !sh.interactive {
		return next
	}
	o := sh.execute(c)
	if o == next && sh.proc.flags.Load() != 0 {
		return sh.attend()
	}
	return o
}

func (sh *Shell) execute(c syntax.Command) outcome {
	switch c := c.(type) {
	case *syntax.Simple:
		return sh.simple(c)
	case *syntax.AndOr:
		return sh.andOr(c)
	case *syntax.If:
		return sh.ifClause(c)
	case *syntax.While:
		return sh.while(c)
	case *syntax.For:
		return sh.forLoop(c)
	case *syntax.Case:
		return sh.caseClause(c)
	case *syntax.Group:
		return sh.list(c.Body)
	case *syntax.Pipeline:
		return sh.pipeline(c)
	case *syntax.Subshell:
		return sh.parentheses(c)
	case *syntax.Redirected:
		return sh.redirected(c)
	case *syntax.Background:
		return sh.background(c)
	case *syntax.Function:
		sh.functions.set(c.Name, c)
		sh.status = 0
	}
	return next
}

// attend does what signals ask for between commands.
func (sh *Shell) attend() outcome {
	flags := sh.proc.flags.Load()
	if flags&flagKilled != 0 {
		sh.status = 128 + int(sh.proc.killedBy())
		return killed
	}
	if flags&flagPending != 0 && sh.ownsProcess() && !sh.inTrap {
		return sh.runTraps()
	}
	return next
}

// checked ends the shell where set -e asks for it.
func (sh *Shell) checked() outcome {
	if sh.status != 0 && sh.options.on['e'] && sh.tested == 0 {
		if sh.typed { // a hook's set -e does not close the shell of the person who reads it in
			return sh.fatal()
		}
		return exiting
	}
	return next
}

// condition runs commands whose failure is an answer.
func (sh *Shell) condition(commands syntax.List) (truth bool, o outcome) {
	sh.tested++
	o = sh.list(commands)
	sh.tested--
	return sh.status == 0, o
}

func (sh *Shell) andOr(c *syntax.AndOr) outcome {
	sh.tested++
	o := sh.command(c.Left)
	sh.tested--
	if o != next || (sh.status == 0) == c.Or {
		return o
	}
	return sh.command(c.Right)
}

func (sh *Shell) ifClause(c *syntax.If) outcome {
	truth, o := sh.condition(c.Cond)
	switch {
	case o != next:
		return o
	case truth:
		return sh.list(c.Then)
	case c.Else != nil:
		return sh.list(c.Else)
	}
	sh.status = 0
	return next
}

func (sh *Shell) while(c *syntax.While) outcome {
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		truth, o := sh.condition(c.Cond)
		if o == next && truth == c.Until {
			sh.status = status
			return next
		}
		if o == next {
			o = sh.list(c.Body)
		}
		status = sh.status
		if o != next {
			if leave, o := sh.leaves(o); leave {
				return o
			}
		}
	}
}

func (sh *Shell) forLoop(c *syntax.For) outcome {
	sh.line = c.Line
	words := sh.params
	if c.In {
		words = nil
		for _, w := range c.Words {
			var err error
			if words, err = word.Fields(sh, words, w); err != nil {
				return sh.expansionError(err)
			}
		}
	}
	if len(words) == 0 {
		sh.status = 0
		return next
	}
	sh.loops++
	defer func() { sh.loops-- }()
	for _, w := range words {
		if err := sh.Set(c.Name, w); err != nil {
			return sh.expansionError(err)
		}
		if o := sh.list(c.Body); o != next {
			if leave, o := sh.leaves(o); leave {
				return o
			}
		}
		if sh.proc.flags.Load() != 0 {
			if o := sh.attend(); o != next {
				return o
			}
		}
	}
	return next
}

// leaves tells whether an outcome ends the innermost loop, and what it is beyond it.
func (sh *Shell) leaves(o outcome) (bool, outcome) {
	if o != breaking && o != continuing {
		return true, o
	}
	if sh.levels--; sh.levels > 0 {
		return true, o
	}
	return o == breaking, next
}

func (sh *Shell) caseClause(c *syntax.Case) outcome {
	sh.line = c.Line
	subject, err := word.Text(sh, c.Subject)
	if err != nil {
		return sh.expansionError(err)
	}
	through := false
	for _, item := range c.Items {
		matches := through
		for i := 0; i < len(item.Patterns) && !matches; i++ {
			if matches, err = word.Match(sh, item.Patterns[i], subject); err != nil {
				return sh.expansionError(err)
			}
		}
		if !matches {
			continue
		}
		if len(item.Body) == 0 {
			sh.status = 0
		}
		if o := sh.list(item.Body); o != next {
			return o
		}
		if through = item.Through; !through {
			return next
		}
	}
	if !through {
		sh.status = 0
	}
	return next
}

// redirected runs a compound command with redirections.
func (sh *Shell) redirected(c *syntax.Redirected) outcome {
	sh.line = c.Line
	var undo redirection
	if err := sh.redirect(c.Redirects, &undo); err != nil {
		sh.undo(&undo)
		if isExpansion(err) {
			return sh.expansionError(err)
		}
		sh.report("", err)
		sh.status = 2
		return sh.checked()
	}
	o := sh.command(c.Command)
	sh.undo(&undo)
	return o
}
