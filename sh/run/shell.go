// Package run executes the shell's language as POSIX.1-2024 XCU 2 describes it. Commands
// of the table run in this process, programs as processes of their own. A subshell is a
// goroutine with a copy of the shell's state, so that it costs a thousandth of a process;
// what it is to others, a number that can be signalled and waited for, it is here too.
package run

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"bootrc/kit/command"
	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
)

// Config is what a Shell starts with.
type Config struct {
	Name   string   // $0
	Params []string // $1, $2, …
	Env    []string // exported variables, as NAME=VALUE
	Vars   []string // other variables, as NAME=VALUE
	Dir    string   // working directory; "" is the process's own
	Stdin  *os.File
	Stdout io.Writer
	Stderr io.Writer

	// Lookup finds the commands that run in this process.
	Lookup func(name string) (command.Command, bool)
	// Names are those of these commands, for somebody who misspelt one. It may be nil.
	Names  func() []string
	Record func(command.Work) // for what commands tell of their work; may be nil

	// Process tells that the whole process is this shell: exec replaces it, and signals
	// that it does not trap end it.
	Process bool
	// Background is what ends commands in the background; nil for the end of the process.
	Background context.Context
}

// Shell is a shell, or a subshell, and its state.
type Shell struct {
	config *Config
	proc   *process
	outer  *Shell // the shell that this one is a subshell of

	current *atomic.Pointer[process] // of the shell that is no subshell, for signals

	vars        *layer[*variable]
	environment []string // the exported variables, or nil after a change
	memory      int      // bytes that the variables hold
	functions   *layer[*syntax.Function]
	aliases     *layer[string]
	options     options
	name        string // $0
	script      string // what errors name
	params      []string
	dir         string
	fds         descriptors
	traps       traps
	jobs        *jobs
	paths       map[string]string // programs that were found, by name
	getopts     getoptsState
	locals      *locals

	status      int // $?
	line        int // $LINENO
	substituted int // status of the last command substitution, or -1
	levels      int // of break or continue
	flow        outcome
	loops       int // around this command
	tested      int // conditions around this command: set -e has no effect there
	depth       int // of functions, evals and dots
	calls       int // functions that return can leave
	arena       []string
	traced      []string // assignments to print
	failedLine  int      // of the command that ended the script
	inTrap      bool
	interactive bool
	typed       bool         // what runs was typed by a person
	quits       bool         // see Quit
	endedBy     unix.Signal  // of a program that was all that ran apart
	leads       bool         // its process is this subshell's, and not that of the shell that waits for it
	apart       bool         // runs beside the shell that started it
	aborted     bool         // what a person typed ends, and not the shell
	broken      bool         // a builtin wrote into a pipe that nobody reads
	limits      *limits      // to restore at the end of a subshell
	quick       command.Call // of the builtin that runs
	started     func(pid int)
}

// outcome is what happens after a command.
type outcome uint8

const (
	next       outcome = iota
	breaking           // leave loops: Shell.levels
	continuing         // go on with the next round: Shell.levels
	returning          // leave the function, or the dot script
	exiting            // leave the shell
	erring             // a special builtin failed: leave the shell, unless a person types, or command ran it
	killed             // a signal ended the shell
)

// New makes a shell. Close must be called.
func New(c Config) (*Shell, error) {
	sh := &Shell{
		config: &c, name: c.Name, script: c.Name, params: c.Params, dir: c.Dir, substituted: -1,
		vars: newLayer[*variable](nil), functions: newLayer[*syntax.Function](nil), aliases: newLayer[string](nil),
		jobs: new(jobs),
	}
	sh.jobs.shell = sh
	if c.Background == nil {
		c.Background = context.Background()
	}
	if sh.dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			dir = "/"
		}
		sh.dir = dir
	}
	sh.proc = newProcess(c.Background, os.Getpid())
	sh.proc.real, sh.proc.whole = true, c.Process
	sh.current = new(atomic.Pointer[process])
	sh.current.Store(sh.proc)
	sh.options.on['h'] = true
	sh.fds = make(descriptors, 3, 10)
	sh.fds[0], sh.fds[1], sh.fds[2] = inherited(c.Stdin), inheritedWriter(c.Stdout), inheritedWriter(c.Stderr)
	if c.Process {
		sh.inheritDescriptors()
		sh.traps.noteIgnored()
		sh.traps.takeOver()
		sh.traps.listen(sh.current)
	}
	sh.define(c.Env, true)
	sh.define(c.Vars, false)
	sh.startVariables()
	return sh, nil
}

func (sh *Shell) startVariables() {
	for _, name := range []string{"IFS", "OPTIND", "PPID", "PS1", "PS2", "PS4"} {
		v := variable{set: true}
		switch name {
		case "IFS":
			v.value = " \t\n"
		case "OPTIND":
			v.value = "1"
		case "PPID":
			v.value = strconv.Itoa(os.Getppid())
		default:
			if sh.has(name) {
				continue
			}
			v.value = map[string]string{"PS1": "$ ", "PS2": "> ", "PS4": "+ "}[name]
			if name == "PS1" && os.Geteuid() == 0 {
				v.value = "# "
			}
		}
		sh.replace(name, v)
	}
	if pwd, ok := sh.Get("PWD"); !ok || !filepath.IsAbs(pwd) || !sameFolder(pwd, sh.dir) {
		exported := false
		if v, ok := sh.vars.get("PWD"); ok {
			exported = v.exported
		}
		sh.replace("PWD", variable{value: sh.dir, set: true, exported: exported})
	} else {
		sh.dir = pwd
	}
}

func sameFolder(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil || filepath.Clean(a) != a {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// Close lets go of the shell's files.
func (sh *Shell) Close() { sh.fds.close() }

// subshell is a shell that this one waits for: what it changes stays there.
func (sh *Shell) subshell() *Shell {
	child := sh.clone()
	child.vars = newLayer(sh.vars)
	child.functions = newLayer(sh.functions)
	child.aliases = newLayer(sh.aliases)
	child.paths = nil
	return child
}

// detached is a shell that runs beside this one.
func (sh *Shell) detached(p *process) *Shell {
	child := sh.clone()
	child.vars = sh.vars.copied(func(v *variable) *variable { c := *v; return &c })
	child.functions = sh.functions.copied(func(f *syntax.Function) *syntax.Function { return f })
	child.aliases = sh.aliases.copied(func(s string) string { return s })
	child.proc, child.paths, child.apart = p, nil, true
	child.loops = 0
	child.traps.register(p)
	return child
}

func (sh *Shell) clone() *Shell {
	child := new(Shell)
	*child = *sh
	child.outer = sh
	child.Environ()
	child.fds = sh.fds.copied()
	child.arena, child.traced, child.locals, child.flow = nil, nil, nil, next
	child.limits = nil
	child.substituted = -1
	child.traps = sh.traps.inSubshell()
	child.jobs = &jobs{shell: child, shown: sh.jobs, last: sh.jobs.last}
	child.leads, child.apart = false, false
	child.typed, child.interactive, child.inTrap, child.broken, child.started = false, false, false, false, nil
	child.options.on['m'] = false
	return child
}

// finish ends a subshell after its last command: its trap on EXIT runs.
func (sh *Shell) finish(o outcome) (status int) {
	if o != killed {
		sh.runExitTrap()
	}
	sh.restoreLimits()
	sh.fds.close()
	return sh.status
}
