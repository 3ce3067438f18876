// Package sh is the shell: mvdan.cc/sh's interpreter in its POSIX variant, with
// a table of commands that run in this process, and the line that a person
// types on.
package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"bootrc/kit/command"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
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

	Record func(command.Work) // what commands tell of their work; may be nil

	jobs *jobs // of the shell that this one runs within
}

// Shell is one interpreter. What a script defines, variables and functions, the
// next script finds. It runs one script at a time.
type Shell struct {
	config Config
	runner *interp.Runner
	at     atomic.Uint64 // line of the command that was called last
	typed  bool          // a person types the commands
}

// New makes a shell.
func New(c Config) (*Shell, error) {
	s := &Shell{config: c}
	if c.jobs == nil {
		s.config.jobs = new(jobs)
	}
	s.config.Table = NewTable(append(c.Table.Commands(), s.help(), s.nested(), words(), as(), s.config.jobs.command())...)
	runner, err := interp.New(
		interp.Env(newEnviron(c.Env, c.Vars)),
		interp.Dir(c.Dir),
		interp.Params(append([]string{"--"}, c.Params...)...),
		interp.StdIO(c.Stdin, c.Stdout, c.Stderr),
		interp.CallHandler(s.call),
		interp.ExecHandlers(s.exec),
	)
	if err != nil {
		return nil, err
	}
	s.runner = runner
	s.config.Dir = runner.Dir
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

func (o Options) flags() []string {
	var flags []string
	for _, f := range []struct {
		on   bool
		flag string
	}{{o.ExitOnError, "-e"}, {o.NoUnset, "-u"}, {o.Trace, "-x"}} {
		if f.on {
			flags = append(flags, f.flag)
		}
	}
	return flags
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
		return syntaxFailure(name, err)
	}
	return s.RunScript(ctx, Parse(name, string(text)), o)
}

// RunScript is Run for a script that was parsed before.
func (s *Shell) RunScript(ctx context.Context, script *Script, o Options) error {
	if script.err != nil {
		return syntaxFailure(script.name, script.err)
	}
	if err := s.startAnew(ctx, o); err != nil {
		return fmt.Errorf("preparing the shell for %s: %w", script.name, err)
	}
	return s.failure(ctx, script.name, s.runner.Run(ctx, script.file))
}

// startAnew undoes what a script may have changed beside functions and variables
// other than IFS.
func (s *Shell) startAnew(ctx context.Context, o Options) error {
	options := []string{"+a", "+e", "+f", "+n", "+u", "+x", "+o", "pipefail", "--"}
	reset := []interp.RunnerOption{
		interp.Params(append(options, s.config.Params...)...),
		interp.StdIO(s.config.Stdin, s.config.Stdout, s.config.Stderr),
	}
	for _, option := range reset {
		if err := option(s.runner); err != nil {
			return err
		}
	}
	// statements, not a file: the end of a file would run the trap. IFS is a variable
	// that works as an option: left behind, it changes how later scripts are read.
	for _, words := range [][]string{{"trap", "-", "EXIT"}, {"trap", "-", "ERR"}, {"unset", "IFS"}, {"cd", s.config.Dir}} {
		if err := s.runner.Run(ctx, builtin(words...)); err != nil {
			return err
		}
	}
	s.at.Store(0)
	return interp.Params(o.flags()...)(s.runner)
}

func builtin(words ...string) *syntax.CallExpr {
	call := &syntax.CallExpr{Args: []*syntax.Word{quoted("builtin")}}
	for _, w := range words {
		call.Args = append(call.Args, quoted(w))
	}
	return call
}

func quoted(text string) *syntax.Word {
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.SglQuoted{Value: text}}}
}

func (s *Shell) failure(ctx context.Context, name string, err error) error {
	f := &Failure{Name: name, Line: uint(s.at.Load())}
	var status interp.ExitStatus
	switch {
	case ctx.Err() != nil:
		f.Status, f.Cause = 130, "interrupted"
	case err == nil:
		return nil
	case errors.As(err, &status):
		f.Status = uint8(status)
	default:
		f.Status, f.Cause = 1, err.Error()
	}
	return f
}

func syntaxFailure(name string, err error) error {
	f := &Failure{Name: name, Status: 2, Cause: err.Error()}
	var parse syntax.ParseError
	if errors.As(err, &parse) {
		f.Line, f.Cause = parse.Pos.Line(), "syntax error: "+parse.Text
	}
	return f
}

// Set gives shell variables their values: NAME, VALUE, NAME, VALUE…
func (s *Shell) Set(ctx context.Context, namesAndValues ...string) error {
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		set := &syntax.CallExpr{Assigns: []*syntax.Assign{{
			Name:  &syntax.Lit{Value: namesAndValues[i]},
			Value: quoted(namesAndValues[i+1]),
		}}}
		if err := s.runner.Run(ctx, set); err != nil {
			return fmt.Errorf("setting the shell variable %s: %w", namesAndValues[i], err)
		}
	}
	return nil
}

// Get returns the value of a shell variable, or "".
func (s *Shell) Get(name string) string {
	if v, ok := s.runner.Vars[name]; ok {
		return v.String()
	}
	// the interpreter tells its variables only after a first run
	return s.runner.Env.Get(name).String()
}
