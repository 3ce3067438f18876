package run

import (
	"context"
	"io"
	"path/filepath"
	"slices"

	"bootrc/sh/syntax"
)

// Start options that are not set's.
type Invocation struct {
	Command     bool // -c
	Stdin       bool // -s
	Interactive bool // -i
	Operands    []string
}

// ParseInvocation reads the arguments of sh(1) and switches the options on that are set's.
func (sh *Shell) ParseInvocation(args []string) (Invocation, error) {
	var v Invocation
	operands, _, err := sh.parseOptions(args, func(letter byte, on bool) bool {
		switch letter {
		case 'c':
			v.Command = on
		case 's':
			v.Stdin = on
		case 'i':
			v.Interactive = on
		case 'l':
		default:
			return false
		}
		return true
	}, sh.listOptions)
	v.Operands = slices.Clone(operands)
	return v, err
}

// Name gives the shell its $0, which errors name, and its parameters.
func (sh *Shell) Name(name string, params []string) {
	sh.name, sh.script, sh.params = name, name, params
	if filepath.Base(name) == "sh" {
		sh.script = "sh"
	}
}

// Note sets an option that only $- shows.
func (sh *Shell) Note(letter byte) { sh.options.on[letter] = true }

// Interact reads commands that a person types, or something in a person's place: an error
// ends a line, not the shell.
func (sh *Shell) Interact(ctx context.Context, source syntax.Source) int {
	sh.interactive = true
	sh.options.on['i'] = true
	p := syntax.NewParser(source, 1)
	p.Alias = sh.aliasText
	for ctx.Err() == nil {
		commands, err := p.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			sh.syntaxError(err)
			continue
		}
		if sh.Typed(ctx, commands) {
			break
		}
	}
	return sh.Leave()
}

// tellJobs says which jobs in the background have ended.
func (sh *Shell) tellJobs() {
	for _, one := range slices.Clone(sh.jobs.list) {
		if one.ended() && !one.told {
			one.told = true
			sh.jobs.show(sh.fds.get(2), one, false)
			sh.jobs.remove(one)
		}
	}
}

// ReadEnv runs the file that $ENV names, before a person types.
func (sh *Shell) ReadEnv() {
	name, set := sh.Get("ENV")
	if !set || name == "" {
		return
	}
	text, err := sh.readScript(sh.expandPrompt(name))
	if err == nil {
		sh.Text(text)
	}
}

// InputIsTerminal tells whether a person types.
func (sh *Shell) InputIsTerminal() bool { return isTerminal(sh.fds.get(0)) }

// Zero is $0.
func (sh *Shell) Zero() string { return sh.name }
