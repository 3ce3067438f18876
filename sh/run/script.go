package run

import (
	"context"

	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
)

// Result is what a script ended with.
type Result struct {
	Status int
	Line   int // of the command that ran last
	Killed bool
}

// Run runs a text as a whole script: its traps run, and then there are none.
func (sh *Shell) Run(ctx context.Context, source syntax.Source, line int) Result {
	return sh.whole(ctx, func() outcome { return sh.source(source, line) })
}

// RunList is Run for commands that are parsed already.
func (sh *Shell) RunList(ctx context.Context, commands syntax.List) Result {
	return sh.whole(ctx, func() outcome { return sh.list(commands) })
}

// whole runs a script, until ctx ends.
func (sh *Shell) whole(ctx context.Context, script func() outcome) Result {
	defer sh.begin(ctx)()
	o := script()
	if o == next && (sh.proc.ended() || sh.proc.flags.Load() != 0) {
		o = sh.attend()
	}
	result := Result{Line: sh.line}
	if o != killed {
		sh.runExitTrap()
	}
	if killer := sh.proc.killedBy(); o == killed && killer != 0 {
		sh.status = 128 + int(killer)
	}
	result.Status, result.Killed = sh.status, o == killed
	return result
}

// begin makes ctx end the shell's commands.
func (sh *Shell) begin(ctx context.Context) (end func()) {
	was := sh.proc
	sh.proc = newProcess(ctx, was.id)
	sh.proc.real, sh.proc.whole = true, sh.config.Process
	sh.current.Store(sh.proc)
	sh.traps.register(sh.proc)
	sh.loops, sh.calls, sh.tested, sh.depth, sh.flow, sh.line = 0, 0, 0, 0, next, 0
	return func() {
		sh.proc.cancel()
		sh.proc = was
		sh.current.Store(was)
	}
}

// Typed runs what a person typed: it tells whether the shell ends with it.
func (sh *Shell) Typed(ctx context.Context, commands syntax.List) (exits bool) {
	defer sh.begin(ctx)()
	sh.interactive, sh.typed = true, true
	defer func() { sh.typed = false }()
	o := sh.list(commands)
	if o == next && (sh.proc.ended() || sh.proc.flags.Load() != 0) {
		o = sh.attend()
	}
	switch o {
	case exiting:
		exits = !sh.aborted
		sh.aborted = false
		return exits
	case killed:
		sh.status = 130
	}
	return false
}

// Signal is for a signal that this process got on behalf of the shell: it tells whether a
// trap takes it. Commands in the foreground are interrupted.
func (sh *Shell) Signal(s unix.Signal) (trapped bool) {
	p := sh.current.Load()
	trapped, ignored := p.traps(s)
	if trapped {
		p.deliver(s)
		p.interruptRunning()
	}
	return trapped || ignored
}
