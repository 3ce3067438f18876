// Package sh is the shell: POSIX's language (package run) with a table of commands that
// run in this process, and the line that a person types on.
package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"bootrc/kit/command"
	"bootrc/sh/run"
	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
)

// Config is what a Shell starts with.
type Config struct {
	Table  *Table
	Topics []Topic  // what `help` explains beside the commands
	Env    []string // exported variables, as KEY=VALUE
	Vars   []string // other variables, as KEY=VALUE
	Dir    string   // working directory; "" is the process's own
	Params []string // $1, $2, …
	Stdin  *os.File
	Stdout io.Writer
	Stderr io.Writer

	// Offer lists, for completion, what the machine has of what an operand or a value is called in help, such as
	// PHASE or DEV. It may be nil.
	Offer func(what string) []string

	// Beside is called when an interactive shell opens, and what it returns when that ends. It may be nil.
	Beside func() (end func())

	Record func(command.Work) // what commands tell of their work; may be nil

	// Process tells that this process is nothing but this shell: exec replaces it.
	Process bool

	jobs *jobs // of the shell that this one runs within
}

// Shell is one shell. What a script defines, variables and functions, the next script
// finds. It runs one script at a time.
type Shell struct {
	config Config
	run    *run.Shell
}

// New makes a shell.
func New(c Config) (*Shell, error) {
	s := &Shell{config: c}
	if c.jobs == nil {
		s.config.jobs = new(jobs)
	}
	s.config.Table = NewTable(append(c.Table.Commands(), s.help(), s.nested(), words(), as(), s.config.jobs.command())...)
	shell, err := run.New(run.Config{
		Name: "sh", Params: c.Params, Env: c.Env, Vars: c.Vars, Dir: c.Dir,
		Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr,
		Lookup: s.config.Table.Lookup, Names: s.config.Table.Names, Record: c.Record, Process: c.Process,
	})
	if err != nil {
		return nil, err
	}
	s.run = shell
	s.config.Dir = shell.Dir()
	return s, nil
}

// Commands returns the shell's table, with the commands that every shell has.
func (s *Shell) Commands() []command.Command { return s.config.Table.Commands() }

// Options are the options of the shell with which a script starts.
type Options struct {
	ExitOnError bool // -e
	NoUnset     bool // -u
	Trace       bool // -x: print each command on standard error before it runs
}

// Failure is a script that ended with an exit status other than 0.
type Failure struct {
	Name   string // the script's
	Line   uint   // where it happened, 0 if that is not known
	Status uint8
	Cause  string // what is known beside the status, or ""
}

func (f *Failure) Error() string {
	place := f.Name
	if f.Line > 0 {
		place = fmt.Sprintf("%s: line %d", f.Name, f.Line)
	}
	if f.Cause != "" {
		return fmt.Sprintf("%s: %s (exit status %d)", place, f.Cause, f.Status)
	}
	return fmt.Sprintf("%s: exit status %d", place, f.Status)
}

// Run interprets a script from its first line. Its error is a *Failure: status
// 2 for a syntax error, 130 when ctx ended it, else the script's own. Options,
// folder, redirections and traps are those of a new shell, but for what o says.
func (s *Shell) Run(ctx context.Context, name string, script io.Reader, o Options) error {
	text, err := io.ReadAll(script)
	if err != nil {
		return &Failure{Name: name, Status: 2, Cause: err.Error()}
	}
	return s.RunScript(ctx, Parse(name, string(text)), o)
}

// RunScript is Run for a script that was parsed before. A syntax error anywhere in it keeps
// all of it from running.
func (s *Shell) RunScript(ctx context.Context, script *Script, o Options) error {
	if script.err != nil {
		return syntaxFailure(script.name, script.err)
	}
	s.startAnew(script.name, o)
	ctx, release := s.heed(ctx)
	defer release()
	var result run.Result
	if script.aliases {
		result = s.run.Run(ctx, syntax.Text(script.Text), 1)
	} else {
		result = s.run.RunList(ctx, script.commands)
	}
	return failure(ctx, script.name, result)
}

// heed makes ctrl-c end a script, unless it has a trap for it.
func (s *Shell) heed(ctx context.Context) (context.Context, func()) {
	return interruptible(ctx, func() (handled bool) { return s.run.Signal(unix.SIGINT) })
}

// Signal is for a signal that this process got on the script's behalf: it tells whether the
// script has a trap for it, or ignores it. What runs in the foreground is interrupted.
func (s *Shell) Signal(signal unix.Signal) (trapped bool) { return s.run.Signal(signal) }

// startAnew undoes what a script may have changed beside functions and variables
// other than IFS.
func (s *Shell) startAnew(name string, o Options) {
	s.run.Anew(name, s.config.Stdin, s.config.Stdout, s.config.Stderr, s.config.Dir, s.config.Params)
	s.run.SetOption('e', o.ExitOnError)
	s.run.SetOption('u', o.NoUnset)
	s.run.SetOption('x', o.Trace)
}

func failure(ctx context.Context, name string, result run.Result) error {
	f := &Failure{Name: name, Line: uint(result.Line), Status: uint8(result.Status)}
	switch {
	case ctx.Err() != nil:
		f.Status, f.Cause = 130, "interrupted"
	case result.Status == 0:
		return nil
	}
	return f
}

func syntaxFailure(name string, err error) error {
	f := &Failure{Name: name, Status: 2, Cause: err.Error()}
	var failed *syntax.Error
	if errors.As(err, &failed) {
		f.Line, f.Cause = uint(failed.Line), "syntax error: "+failed.Text
	}
	return f
}

// Set gives shell variables their values: NAME, VALUE, NAME, VALUE…
func (s *Shell) Set(_ context.Context, namesAndValues ...string) error {
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if err := s.run.Set(namesAndValues[i], namesAndValues[i+1]); err != nil {
			return fmt.Errorf("setting the shell variable %s: %w", namesAndValues[i], err)
		}
	}
	return nil
}

// Get returns the value of a shell variable, or "".
func (s *Shell) Get(name string) string {
	value, _ := s.run.Get(name)
	return value
}
