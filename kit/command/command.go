// Package command is what a command of the shell is: one value with a name, its
// options, operands and help, and a Go function that runs it with the caller's
// folder, environment and standard streams.
//
// Parsing, --help, the reference and completion all come from that value. The
// package knows no interpreter, so that each domain package can offer commands
// without importing the one that runs them.
package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"bootrc/kit/nearest"
)

// Command is one entry of the shell's table, or a verb of one.
type Command struct {
	Name    string // as typed: "modprobe", and for a verb "create"
	Summary string // one line of help, lower case, without a full stop

	Verbs    []Command // of `volume`: create, ls, rm …
	Options  []Option  // of a command with verbs: those that stand before the verb
	Operands string    // as in a usage line: "[FILE…]", "SOURCE… TARGET", "" for none

	Forms    []string // the usage without the name, where Options and Operands do not tell it
	Text     string   // paragraphs of help below the summary
	Statuses []string // what exit statuses mean, where it is more than success and failure: "1: no line matches"
	Examples []string // calls, as typed

	// OptionsFirst ends the options at the first operand: what follows is another
	// command's line. It always holds for a command with verbs.
	OptionsFirst bool
	// Literal makes every word an operand, but for a lone --help.
	Literal bool
	// IsOperand tells which words are operands although they begin with a dash, such
	// as the mode -w of chmod(1). It may be nil.
	IsOperand func(word string) bool
	// Abbreviated lets a verb's first letters stand for it, as ip(8) does; the
	// first in the order of Verbs wins.
	Abbreviated bool
	// Rewrite turns forms that are older than options into options: `head -5`
	// into `head -n 5`. It may be nil.
	Rewrite func(args []string) []string
	// Unknown says why an option is refused that is not declared, or nothing. It may be nil.
	Unknown func(option string) error
	// Misuse is the exit status of a wrong call, 2 if it is 0.
	Misuse uint8

	// Run does the work with the call's options and operands. Of a command with
	// verbs, it is what happens without one, and may be nil. Execute says how its
	// error is printed. Run returns soon after ctx is done.
	Run func(ctx context.Context, call *Call) error
}

// Execute runs the command, prints its error as Call.Warn does,
// and returns its exit status: that of a Status, with nothing printed, or of a
// Failure; Misuse for a UsageError, with the usage printed, too; else 1.
func (c Command) Execute(ctx context.Context, call *Call) Status {
	err := c.Do(ctx, call)
	if err == nil {
		return 0
	}
	if status, ok := errors.AsType[Status](err); ok {
		return status
	}
	call.Warn(err.Error())
	misuse, wrong := errors.AsType[*UsageError](err)
	if wrong {
		fmt.Fprint(call.Stderr, misuse.usage)
	}
	failure, failed := errors.AsType[*Failure](err)
	switch {
	case failed:
		return Status(failure.Status)
	case wrong:
		return Status(misuse.status)
	}
	return 1
}

// Do parses call.Args and runs the command, or prints its help if that is asked
// for. It returns the error for Execute, and for a command that runs others.
func (c Command) Do(ctx context.Context, call *Call) error {
	own := *call
	own.declared, own.given = nil, nil
	return c.do(context.WithValue(ctx, environment{}, call.Env), &own, c.Name)
}

// do is Do for the command or verb that is called by path.
func (c Command) do(ctx context.Context, call *Call, path string) error {
	err := c.parse(call)
	if errors.Is(err, errHelp) {
		c.printHelp(call.Stdout, path)
		return nil
	}
	if err == nil && len(c.Verbs) > 0 && (len(call.Args) > 0 || c.Run == nil) {
		var verb Command
		if verb, err = c.verb(call.Args); err == nil {
			call.Args = call.Args[1:]
			return verb.do(ctx, call, path+" "+verb.Name)
		}
	}
	if err == nil {
		err = c.checkCount(call)
	}
	if err == nil {
		err = c.Run(ctx, call)
	}
	return c.misused(err, path)
}

// verb returns the verb that the first of the words names.
func (c Command) verb(words []string) (Command, error) {
	var names []string
	for _, v := range c.Verbs {
		if len(words) > 0 && words[0] == v.Name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	last := len(names) - 1
	expected := names[last]
	if last > 0 {
		expected = strings.Join(names[:last], ", ") + " or " + expected
	}
	if len(words) == 0 {
		return Command{}, Usagef("expected %s", expected)
	}
	for _, v := range c.Verbs {
		if c.Abbreviated && strings.HasPrefix(v.Name, words[0]) && words[0] != "" {
			return v, nil
		}
	}
	return Command{}, Usagef("expected %s, got %q%s", expected, words[0], nearest.Question(words[0], names))
}

// misused gives a UsageError the usage of this command and its status, unless it
// has those of a verb or of another command that was called.
func (c Command) misused(err error, path string) error {
	if wrong, ok := errors.AsType[*UsageError](err); ok && wrong.usage == "" {
		wrong.usage, wrong.status = c.usage(path), cmp.Or(c.Misuse, 2)
	}
	return err
}

type environment struct{}

// Environment returns the variables, as KEY=VALUE, of the command that Execute
// runs with ctx or with a context made from it; ok is false outside a command.
func Environment(ctx context.Context) (env []string, ok bool) {
	env, ok = ctx.Value(environment{}).([]string)
	return env, ok
}
