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
	if running.stopped {
		sh.keepStopped(running, strings.Join(args, " "))
	} else {
		sh.tellSignal(args[0], running.ended)
	}
	return next
}

// notStarted reports a program that does not run: status 127 if there is none, else 126.
func (sh *Shell) notStarted(name string, err error) int {
	status := 126
	if errors.Is(err, errNotFound) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		status, err = 127, errNotFound
	}
	sh.report(name, err)
	return status
}

// tellSignal reports a program that a signal ended, but for those that are usual.
func (sh *Shell) tellSignal(name string, ended unix.WaitStatus) {
	if !ended.Signaled() || ended.Signal() == unix.SIGINT || ended.Signal() == unix.SIGPIPE {
		return
	}
	sh.report(name, errors.New(signalText(ended.Signal())))
}

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
		attr.Sys = &syscall.SysProcAttr{Setpgid: true, Pgid: p.group.leader()}
		if !p.group.background && sh.jobs.terminal() != nil && p.group.leader() == 0 {
			attr.Sys.Foreground, attr.Sys.Ctty = true, sh.jobs.terminal().fd
		}
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
		p.group.add(pid)
	}
	p.stop = context.AfterFunc(sh.proc.ctx, p.end)
	return p, nil
}

func (j *jobs) terminal() *terminal {
	for sh := j.shell; sh != nil; sh = sh.outer {
		if sh.jobs.tty != nil {
			return sh.jobs.tty
		}
	}
	return nil
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
	signal, _ := p.sh.proc.fatal()
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

// wait is for the end of a program, or, with job control, until it stops. It returns what
// the shell shows as its status.
func (p *program) wait() int {
	options := unix.WEXITED | unix.WNOWAIT
	if p.group != nil {
		options |= unix.WSTOPPED
	}
	for unix.Waitid(unix.P_PID, p.pid, nil, options, nil) == unix.EINTR {
	}
	p.mu.Lock()
	for {
		flags := 0
		if p.group != nil {
			flags = unix.WUNTRACED
		}
		if _, err := unix.Wait4(p.pid, &p.ended, flags, nil); err != unix.EINTR {
			break
		}
	}
	if p.ended.Stopped() {
		p.mu.Unlock()
		p.stopped = true
		p.group.hasStopped()
		return 128 + int(p.ended.StopSignal())
	}
	p.reaped = true
	p.mu.Unlock()
	close(p.gone)
	p.stop()
	if p.group != nil {
		p.group.ended()
		p.sh.finishGroup(p.group)
	}
	for _, o := range p.outputs {
		o.drain()
	}
	if p.ended.Signaled() {
		return 128 + int(p.ended.Signal())
	}
	return p.ended.ExitStatus()
}

// keepStopped makes a job of a program that was stopped in the foreground.
func (sh *Shell) keepStopped(p *program, text string) {
	one := &job{id: p.pid, text: text, group: p.group, done: make(chan struct{})}
	go func() {
		for p.ended.Stopped() {
			p.stopped = false
			if one.status = p.wait(); p.stopped {
				continue
			}
		}
		close(one.done)
	}()
	sh.jobs.tty.takeBack()
	sh.jobs.add(one)
	if sh.interactive {
		fmt.Fprintln(sh.fds.get(2))
		sh.jobs.show(sh.fds.get(2), one, false)
	}
}

// relay carries what a program prints to where this process writes: a console, or the
// memory of a command substitution.
type relay struct {
	to   *file
	end  *file // the program's
	from *file
	busy sync.Mutex
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
		defer r.from.release()
		if runs {
			r.copy()
		}
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
		fds := []unix.PollFd{{Fd: int32(r.from.os.Fd()), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 0)
		empty := err == nil && n == 0
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
