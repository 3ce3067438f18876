package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"bootrc/kit/nearest"
	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
)

// killTimeout is how long a program may take to end after an interrupt.
const killTimeout = 2 * time.Second

// defaultPath is where `command -p` looks, and everyone where PATH is not set.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// find returns the file of a program, which is looked for along $PATH.
func (sh *Shell) find(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	if path, ok := sh.paths[name]; ok {
		return path, nil
	}
	search, _ := sh.Get("PATH")
	path, err := sh.findAlong(search, name)
	if err == nil && filepath.IsAbs(path) && sh.options.on['h'] {
		if sh.paths == nil {
			sh.paths = make(map[string]string)
		}
		sh.paths[name] = path
	}
	return path, err
}

func (sh *Shell) findAlong(search, name string) (string, error) {
	failure := error(errNotFound)
	for _, folder := range strings.Split(search, ":") {
		path := name
		if folder != "" {
			path = folder + "/" + name
		}
		var stat unix.Stat_t
		if unix.Stat(sh.path(path), &stat) != nil || stat.Mode&unix.S_IFMT == unix.S_IFDIR {
			continue
		}
		if unix.Faccessat(unix.AT_FDCWD, sh.path(path), unix.X_OK, unix.AT_EACCESS) == nil {
			if folder == "" {
				path = "./" + name
			}
			return path, nil
		}
		failure = unix.EACCES
	}
	return "", failure
}

var errNotFound = errors.New("not found")

func (sh *Shell) forgetPaths() { sh.paths = nil }

// runProgram runs a program and waits for it.
func (sh *Shell) runProgram(args []string) outcome {
	path, err := sh.find(args[0])
	var running *program
	if err == nil {
		running, err = sh.startProgram(path, args)
		if errors.Is(err, unix.ENOENT) && sh.paths[args[0]] != "" {
			// it has moved since it was found
			sh.forgetPaths()
			if path, err = sh.find(args[0]); err == nil {
				running, err = sh.startProgram(path, args)
			}
		}
	}
	if errors.Is(err, unix.ENOEXEC) {
		return sh.runScriptFile(path, args)
	}
	if err != nil {
		sh.status = sh.notStarted(args[0], err)
		return next
	}
	sh.start(running.pid)
	sh.status = running.wait()
	sh.settle()
	if running.group != nil {
		sh.endForeground(running)
	}
	if sh.proc.ended() {
		return sh.attend()
	}
	if !running.stopped {
		sh.tellSignal(args[0], running.ended)
	}
	return next
}

// notStarted reports a program that does not run: status 127 if it does not exist, else 126.
func (sh *Shell) notStarted(name string, err error) int {
	status := 126
	if errors.Is(err, errNotFound) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		status, err = 127, errNotFound
	}
	if status == 127 {
		err = fmt.Errorf("%w%s", err, nearest.Question(name, sh.known()))
	}
	sh.report(name, err)
	return status
}

// known are the names of commands that somebody who misspelt one may have meant.
func (sh *Shell) known() []string {
	names := sh.FunctionNames()
	if sh.config.Names != nil {
		names = append(names, sh.config.Names()...)
	}
	return names
}

// tellSignal reports a program that a signal ended, but for those that are usual.
func (sh *Shell) tellSignal(name string, ended unix.WaitStatus) {
	if !ended.Signaled() {
		return
	}
	if sh.apart {
		sh.endedBy = ended.Signal() // the script that waits for it is told
		return
	}
	if isNews(ended.Signal()) {
		sh.report(name, errors.New(signalText(ended.Signal())))
	}
}

// isNews tells whether a person wants to know that a signal ended something.
func isNews(s unix.Signal) bool { return s != unix.SIGINT && s != unix.SIGPIPE }

// program is a process that runs.
type program struct {
	pid     int
	sh      *Shell
	group   *group
	ended   unix.WaitStatus
	stopped bool
	outputs []*relay

	mu     sync.Mutex
	reaped bool
	stop   func() bool
	gone   chan struct{}
}

// startProgram starts a program with this shell's descriptors, folder and variables.
func (sh *Shell) startProgram(path string, args []string) (*program, error) {
	p := &program{sh: sh, gone: make(chan struct{}), group: sh.jobs.newGroup()}
	files, err := p.files(sh.fds)
	if err != nil {
		return nil, err
	}
	attr := &syscall.ProcAttr{Dir: sh.dir, Env: sh.Environ(), Files: files}
	ignored := sh.proc.ignored()
	if p.group != nil {
		p.group.starting.Lock()
		defer p.group.starting.Unlock()
		attr.Sys = p.group.attributes(sh.jobs.terminal())
	}
	pid, err := spawn(path, args, attr, ignored)
	for _, o := range p.outputs {
		o.start(err == nil)
	}
	if err != nil {
		return nil, err
	}
	p.pid = pid
	if p.group != nil {
		p.group.add(pid, strings.Join(args, " "))
	}
	p.stop = context.AfterFunc(sh.proc.ctx, p.end)
	return p, nil
}

// files is the shell's descriptors for a program. What is no file gets a pipe.
func (p *program) files(fds descriptors) ([]uintptr, error) {
	const closed = ^uintptr(0)
	files := make([]uintptr, max(len(fds), 3))
	relays := make(map[*file]*relay)
	for fd := range files {
		f := fds.get(fd)
		switch {
		case f == nil:
			files[fd] = closed
		case f.os != nil:
			files[fd] = f.os.Fd()
		case relays[f] != nil:
			files[fd] = relays[f].end.os.Fd()
		default:
			r, err := newRelay(f)
			if err != nil {
				return nil, err
			}
			relays[f] = r
			p.outputs = append(p.outputs, r)
			files[fd] = r.end.os.Fd()
		}
	}
	return files, nil
}

// end interrupts a program, and kills it if it goes on.
func (p *program) end() {
	signal := p.sh.proc.killedBy()
	if signal == 0 {
		signal = unix.SIGINT
	}
	p.signal(signal)
	p.signal(unix.SIGCONT)
	select {
	case <-p.gone:
	case <-time.After(killTimeout):
		p.signal(unix.SIGKILL)
	}
}

func (p *program) signal(signal unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		unix.Kill(p.pid, signal)
	}
}

// wait is for the end of a program, or, with job control, until its group stops. It returns
// what the shell shows as its status.
func (p *program) wait() int {
	if p.group == nil {
		p.watch()
	} else {
		go p.watch()
		select {
		case <-p.gone:
		case <-p.group.stops():
			p.stopped = true
			p.stop() // the end of what was typed does not end it
			return 128 + int(unix.SIGTSTP)
		}
	}
	for _, o := range p.outputs {
		o.drain()
	}
	return p.status()
}

func (p *program) status() int {
	if p.ended.Signaled() {
		return 128 + int(p.ended.Signal())
	}
	return p.ended.ExitStatus()
}

// watch waits for a program's end, and tells its group when it stops or goes on.
func (p *program) watch() {
	states := 0
	if p.group != nil {
		states = unix.WSTOPPED | unix.WCONTINUED
	}
	for {
		for unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT|states, nil) == unix.EINTR {
		}
		var now unix.WaitStatus
		p.mu.Lock()
		for {
			if _, err := unix.Wait4(p.pid, &now, states, nil); err != unix.EINTR {
				break
			}
		}
		p.reaped = !now.Stopped() && !now.Continued()
		p.mu.Unlock()
		switch {
		case now.Stopped():
			p.group.hasStopped()
			continue
		case now.Continued():
			p.group.hasContinued()
			continue
		}
		p.ended = now
		break
	}
	close(p.gone)
	p.stop()
	if p.group != nil {
		p.group.ended(p.status())
	}
}

// relay carries what a program prints to where this process writes: a console, or the
// memory of a command substitution.
type relay struct {
	to   *file
	end  *file // the program's
	from *file
	busy sync.Mutex
	over bool // all has been carried
	done chan struct{}
}

func newRelay(to *file) (*relay, error) {
	r, w, err := pipe()
	if err != nil {
		return nil, err
	}
	return &relay{to: to.hold(), end: w, from: r, done: make(chan struct{})}, nil
}

func (r *relay) start(runs bool) {
	r.end.release()
	go func() {
		defer close(r.done)
		defer r.to.release()
		if runs {
			r.copy()
		}
		r.busy.Lock()
		defer r.busy.Unlock()
		r.from.release()
		r.over = true
	}()
}

func (r *relay) copy() {
	buffer := make([]byte, 32<<10)
	for {
		fds := []unix.PollFd{{Fd: int32(r.from.os.Fd()), Events: unix.POLLIN}}
		unix.Poll(fds, -1)
		r.busy.Lock()
		n, err := r.from.Read(buffer)
		if n > 0 {
			_, err = r.to.Write(buffer[:n])
		}
		r.busy.Unlock()
		if err == io.EOF || err != nil {
			return
		}
	}
}

// drain returns when all that the program has printed arrived. Others may hold its output
// open longer.
func (r *relay) drain() {
	for {
		select {
		case <-r.done:
			return
		case <-time.After(200 * time.Microsecond):
		}
		r.busy.Lock()
		empty := r.over
		if !empty {
			fds := []unix.PollFd{{Fd: int32(r.from.os.Fd()), Events: unix.POLLIN}}
			n, err := unix.Poll(fds, 0)
			empty = err == nil && n == 0
		}
		r.busy.Unlock()
		if empty {
			return
		}
	}
}

// runScriptFile runs a program that is a script without a first line that says so.
func (sh *Shell) runScriptFile(path string, args []string) outcome {
	text, err := os.ReadFile(sh.path(path))
	if err != nil {
		sh.status = sh.notStarted(args[0], err)
		return next
	}
	if head := text[:min(len(text), 128)]; strings.IndexByte(string(head), 0) >= 0 {
		sh.status = sh.notStarted(args[0], unix.ENOEXEC)
		return next
	}
	sh.start(0)
	child := sh.subshell()
	child.vars = newLayer[*variable](nil)
	child.define(sh.Environ(), true)
	child.functions, child.aliases = newLayer[*syntax.Function](nil), newLayer[string](nil)
	child.options = options{}
	child.startVariables()
	child.name, child.script, child.params = args[0], args[0], append([]string(nil), args[1:]...)
	child.loops, child.calls, child.tested = 0, 0, 0
	sh.status = child.finish(child.Text(string(text)))
	return next
}
