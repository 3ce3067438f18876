package run

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// group is the processes of a job where job control is on: a process group.
type group struct {
	background bool

	mu      sync.Mutex
	pgid    int
	running int
	stopped int
	stop    chan struct{} // closed while it is stopped
	changed *sync.Cond
}

func (g *group) leader() int {
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pgid
}

func (g *group) isStopped() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running > 0 && g.stopped == g.running
}

// wait is for the end of the group's processes.
func (g *group) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.running > 0 {
		g.cond().Wait()
	}
}

func (g *group) cond() *sync.Cond {
	if g.changed == nil {
		g.changed = sync.NewCond(&g.mu)
	}
	return g.changed
}

func (g *group) stops() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stopChannel()
}

func (g *group) stopChannel() chan struct{} {
	if g.stop == nil {
		g.stop = make(chan struct{})
	}
	return g.stop
}

func (g *group) add(pid int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pgid == 0 {
		g.pgid = pid
	}
	g.running++
}

func (g *group) ended() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if g.running == 0 {
		g.pgid = 0
	}
	g.cond().Broadcast()
}

// stops and continues are what wait4 says of a process.
func (g *group) hasStopped() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped++; g.stopped == g.running {
		close(g.stopChannel())
	}
}

func (g *group) hasContinued() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped > 0 && g.stopped == g.running {
		g.stop = nil
	}
	if g.stopped > 0 {
		g.stopped--
	}
}

// terminal is the one that job control works with.
type terminal struct {
	fd   int
	own  int // the shell's process group
	mode *unix.Termios
}

// control switches job control (set -m) on or off.
func (j *jobs) control(on bool) error {
	if !on {
		j.tty = nil
		return nil
	}
	j.tty = findTerminal()
	return nil
}

// findTerminal returns the controlling terminal, or nil: jobs have process groups then,
// but none of them is in the foreground.
func findTerminal() *terminal {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	t := &terminal{fd: fd, own: unix.Getpgrp()}
	t.mode, _ = unix.IoctlGetTermios(fd, unix.TCGETS)
	return t
}

// give makes a process group the one that reads from the terminal.
func (t *terminal) give(pgid int) {
	if t != nil {
		unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, pgid)
	}
}

// takeBack makes it the shell's own again, with the terminal as it was.
func (t *terminal) takeBack() {
	if t == nil {
		return
	}
	t.give(t.own)
	if t.mode != nil {
		unix.IoctlSetTermios(t.fd, unix.TCSETSW, t.mode)
	}
}

// newGroup is the process group of a pipeline or a program in the foreground; nil without
// job control.
func (j *jobs) newGroup() *group {
	if j.group != nil {
		return j.group
	}
	if !j.shell.options.on['m'] {
		return nil
	}
	return new(group)
}

// finishGroup gives the terminal back after a command in the foreground; a group that was
// stopped becomes a job.
func (sh *Shell) finishGroup(g *group) {
	if g == nil || g == sh.jobs.group {
		return
	}
	sh.jobs.tty.takeBack()
}

// resume is fg and bg: it lets a stopped job go on.
func (sh *Shell) resume(name string, args []string, foreground bool) int {
	if !sh.options.on['m'] {
		return sh.failed(name, fmt.Errorf("job control is off: set -m"))
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		args = []string{"%+"}
	}
	status := 0
	for _, operand := range args {
		one, err := sh.jobs.find(operand)
		if err == nil && one == nil {
			err = fmt.Errorf("%s: no such job", operand)
		}
		if err == nil && one.group == nil {
			err = fmt.Errorf("%s: runs in this process, and cannot be stopped or resumed", operand)
		}
		if err != nil {
			return sh.failed(name, err)
		}
		status = sh.resumeJob(one, foreground)
	}
	return status
}

func (sh *Shell) resumeJob(one *job, foreground bool) int {
	if !foreground {
		fmt.Fprintf(sh.fds.get(1), "[%d] %s\n", one.number, one.text)
		one.group.resume(nil)
		return 0
	}
	fmt.Fprintf(sh.fds.get(1), "%s\n", one.text)
	one.group.resume(sh.jobs.tty)
	status, _ := sh.await(one)
	sh.jobs.tty.takeBack()
	return status
}

// resume lets a group go on, in the foreground if t is not nil.
func (g *group) resume(t *terminal) {
	leader := g.leader()
	if leader == 0 {
		return
	}
	t.give(leader)
	g.mu.Lock()
	if g.stopped > 0 && g.stopped == g.running {
		g.stop = nil
	}
	g.stopped = 0
	g.mu.Unlock()
	unix.Kill(-leader, unix.SIGCONT)
}

func fg(sh *Shell, args []string) int { return sh.resume("fg", args, true) }
func bg(sh *Shell, args []string) int { return sh.resume("bg", args, false) }
