package run

import (
	"context"
	"slices"
	"sync/atomic"
)

// Task is a command that was started beside the shell, by Start.
type Task struct {
	Done   chan struct{}
	Status int // once Done is closed

	proc    *process
	stopped atomic.Bool
}

// Start starts a command, which may be a function, a builtin, a command of the table or a
// program, beside the shell and beyond its script's end.
func (sh *Shell) Start(args []string) (*Task, error) {
	ctx := sh.config.Background
	p, err := numbered(ctx)
	if err != nil {
		return nil, err
	}
	child := sh.detached(p)
	t := &Task{Done: make(chan struct{}), proc: p}
	args = slices.Clone(args)
	go func() {
		defer close(t.Done)
		t.Status = child.finish(child.words(args))
		p.end()
	}()
	return t, nil
}

// Stop asks the command to end. A function or loop ends at once, a command of the table
// when it has put away its work, a program as after ctrl-c.
func (t *Task) Stop() {
	t.stopped.Store(true)
	t.proc.cancel()
}

// Stopped tells whether Stop was called.
func (t *Task) Stopped() bool { return t.stopped.Load() }

// words runs a command by its words alone.
func (sh *Shell) words(args []string) outcome {
	if f, ok := sh.functions.get(args[0]); ok && f != nil {
		return sh.runFunction(f, args)
	}
	if b, ok := builtinOf(args[0]); ok {
		sh.status = b.run(sh, args[1:])
		o := sh.flow
		sh.flow = next
		return o
	}
	return sh.external(args)
}

// Knows tells whether there is a command of that name.
func (sh *Shell) Knows(name string) bool {
	short, _ := sh.kind(name)
	return short != ""
}

// FunctionNames is the names of all functions, sorted.
func (sh *Shell) FunctionNames() []string {
	all := sh.functions.all()
	return slices.DeleteFunc(sortedNames(all), func(name string) bool { return all[name] == nil })
}

// Context is what ends the shell's commands.
func (sh *Shell) Context() context.Context { return sh.proc.ctx }

// Status is $?.
func (sh *Shell) Status() int { return sh.status }

// Alias returns the text of an alias, for a parser.
func (sh *Shell) Alias(name string) (string, bool) { return sh.aliasText(name) }
