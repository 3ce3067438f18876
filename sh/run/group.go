package run

import (
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// group is the processes of a job where job control is on: a process group.
type group struct {
	background bool
	owner      *Shell // whose job it becomes when it stops

	starting sync.Mutex // one at a time: the first leads the others

	mu      sync.Mutex
	pgid    int
	texts   []string
	running int
	stopped int
	status  int           // of the program that ended last
	stop    chan struct{} // closed while all of it is stopped
	empty   chan struct{} // closed when the last process has ended
	job     *job
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
	return &group{owner: j.shell}
}

// attributes makes a program part of the group, and the group that which the terminal
// belongs to.
func (g *group) attributes(t *terminal) *syscall.SysProcAttr {
	leader := g.leader()
	attr := &syscall.SysProcAttr{Setpgid: true, Pgid: leader}
	if !g.background && t != nil && leader == 0 {
		attr.Foreground, attr.Ctty = true, t.fd
	}
	return attr
}

func (g *group) leader() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pgid
}

func (g *group) add(pid int, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pgid == 0 {
		g.pgid = pid
	}
	g.texts = append(g.texts, text)
	g.running++
}

func (g *group) ended(status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.status = status
	g.running--
	if g.running == 0 {
		g.pgid = 0
		close(g.emptied())
		g.empty = nil
	}
}

func (g *group) emptied() chan struct{} {
	if g.empty == nil {
		g.empty = make(chan struct{})
	}
	return g.empty
}

func (g *group) stops() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.whileStopped()
}

func (g *group) whileStopped() chan struct{} {
	if g.stop == nil {
		g.stop = make(chan struct{})
	}
	return g.stop
}

func (g *group) isStopped() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running > 0 && g.stopped == g.running
}

// hasStopped and hasContinued are what the kernel says of one process.
func (g *group) hasStopped() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped < g.running {
		g.stopped++
	}
	if g.stopped == g.running {
		select {
		case <-g.whileStopped():
		default:
			close(g.stop)
		}
	}
}

func (g *group) hasContinued() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.goesOn()
}

func (g *group) goesOn() {
	if g.stopped == g.running {
		g.stop = nil
	}
	g.stopped = max(g.stopped-1, 0)
}

// resume lets a stopped group go on, in the foreground if t is not nil.
func (g *group) resume(t *terminal) {
	g.mu.Lock()
	leader := g.pgid
	g.stop, g.stopped = nil, 0
	g.mu.Unlock()
	if leader == 0 {
		return
	}
	t.give(leader)
	unix.Kill(-leader, unix.SIGCONT)
}

// asJob is the job that a stopped group is; made tells whether it is one only now.
func (g *group) asJob() (one *job, made bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.job != nil {
		return g.job, false
	}
	g.job = &job{id: g.pgid, text: strings.Join(g.texts, " | "), group: g, done: make(chan struct{})}
	empty := g.emptied()
	go func() {
		<-empty
		g.mu.Lock()
		g.job.status = g.status
		g.mu.Unlock()
		close(g.job.done)
	}()
	return g.job, true
}

// waitEmpty is for the end of all processes in the group.
func (g *group) waitEmpty() {
	g.mu.Lock()
	running, empty := g.running, g.emptied()
	g.mu.Unlock()
	if running > 0 {
		<-empty
	}
}
