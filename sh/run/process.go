package run

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// process is what signals go to: this process itself for a script, and for a subshell in
// the background, which is no process of its own, what would be one in other shells. Its
// number is beyond those that the kernel gives (at most 2^22), so that nobody takes it for
// a process.
type process struct {
	id     int
	ctx    context.Context
	cancel context.CancelFunc
	flags  atomic.Uint32
	real   bool // signals to it are signals to this process
	whole  bool // and this process is nothing but the shell

	mu      sync.Mutex
	actions map[unix.Signal]bool // true: trapped; false: ignored
	pending []unix.Signal
	woken   chan struct{}                // gets something when a trap is pending
	running map[*context.CancelFunc]bool // what ctrl-c ends although it is trapped
	killer  unix.Signal                  // that ended it; 0 where its context did
}

const (
	flagPending = 1 << iota // a trap has to run
	flagKilled              // it has to end
)

// firstID is the first number that no process has.
const firstID = 1<<22 + 1

// processes are the subshells that have a number.
var processes struct {
	sync.Mutex
	last int
	byID map[int]*process
}

// maxProcesses is how many subshells there may be in the background, or in pipelines
// within pipelines.
const maxProcesses = 1000

func newProcess(ctx context.Context, id int) *process {
	p := &process{id: id, woken: make(chan struct{}, 1)}
	p.ctx, p.cancel = context.WithCancel(ctx)
	context.AfterFunc(p.ctx, func() { p.kill(unix.SIGINT) })
	return p
}

// kill ends the process, by a signal unless another has done so before.
func (p *process) kill(signal unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killLocked(signal)
}

func (p *process) killLocked(signal unix.Signal) {
	if p.killer == 0 {
		p.killer = signal
	}
	p.flags.Or(flagKilled)
	p.cancel()
}

func (p *process) killedBy() unix.Signal {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killer
}

// ended tells whether the process has to end; what ended its context may have had no time
// to say so.
func (p *process) ended() bool {
	if p.ctx.Err() == nil {
		return false
	}
	p.kill(unix.SIGINT)
	return true
}

// numbered makes a process with a number of its own.
func numbered(ctx context.Context) (*process, error) {
	processes.Lock()
	defer processes.Unlock()
	if len(processes.byID) >= maxProcesses {
		return nil, fmt.Errorf("cannot fork: %d subshells are running already", maxProcesses)
	}
	if processes.byID == nil {
		processes.byID = make(map[int]*process)
	}
	processes.last++
	p := newProcess(ctx, firstID+processes.last)
	processes.byID[p.id] = p
	return p, nil
}

// end forgets the number.
func (p *process) end() {
	processes.Lock()
	delete(processes.byID, p.id)
	processes.Unlock()
	p.cancel()
}

// signal sends a signal to a job, to a subshell in the background or to the shell itself;
// known is false for what is a process of its own.
func (sh *Shell) signal(operand string, signal unix.Signal) (known bool, err error) {
	if strings.HasPrefix(operand, "%") {
		one, err := sh.jobs.findJob(operand[1:])
		if err != nil {
			return true, err
		}
		return true, one.signal(signal)
	}
	id, err := strconv.Atoi(operand)
	switch {
	case err != nil:
		return false, nil
	case id == os.Getpid():
		if sh.outer != nil && slices.Contains(stops, signal) {
			// the shell waits for this subshell, as it would if it were stopped
			return true, nil
		}
		sh.current.Load().deliver(signal)
		return true, nil
	case id < firstID:
		return false, nil
	}
	processes.Lock()
	p := processes.byID[id]
	processes.Unlock()
	if p == nil {
		return true, fmt.Errorf("process %d: %w", id, unix.ESRCH)
	}
	p.deliver(signal)
	return true, nil
}

// setAction notes what a signal does, for those that send it.
func (p *process) setAction(signal unix.Signal, trapped, ignored bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.actions == nil {
		p.actions = make(map[unix.Signal]bool)
	}
	if trapped || ignored {
		p.actions[signal] = trapped
	} else {
		delete(p.actions, signal)
	}
}

// traps tells whether a signal is trapped, and whether it is ignored.
func (p *process) traps(signal unix.Signal) (trapped, ignored bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trapped, known := p.actions[signal]
	return trapped, known && !trapped
}

// ignored is the signals that programs are to ignore as well.
func (p *process) ignored() []unix.Signal {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []unix.Signal
	for signal, trapped := range p.actions {
		if !trapped {
			list = append(list, signal)
		}
	}
	return list
}

// deliver does what a signal does to a process.
func (p *process) deliver(signal unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trapped, known := p.actions[signal]
	switch {
	case signal == 0, known && !trapped:
	case trapped:
		if !slices.Contains(p.pending, signal) {
			p.pending = append(p.pending, signal)
		}
		p.flags.Or(flagPending)
		select {
		case p.woken <- struct{}{}:
		default:
		}
	case p.real && (!p.whole || slices.Contains(ignoredByDefault, signal)):
		unix.Kill(os.Getpid(), signal)
	case slices.Contains(ignoredByDefault, signal):
	default:
		p.killLocked(signal)
	}
}

// ignoredByDefault also has what stops and continues processes: a subshell that is none
// cannot be stopped.
var ignoredByDefault = append([]unix.Signal{unix.SIGCHLD, unix.SIGCONT, unix.SIGURG, unix.SIGWINCH}, stops...)

var stops = []unix.Signal{unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU}

// interruptRunning ends the commands that run in the foreground, not the shell.
func (p *process) interruptRunning() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for cancel := range p.running {
		(*cancel)()
	}
}

// commandContext is the context of a command in the foreground.
func (p *process) commandContext() (ctx context.Context, done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.actions) == 0 {
		return p.ctx, func() {}
	}
	ctx, cancel := context.WithCancel(p.ctx)
	if p.running == nil {
		p.running = make(map[*context.CancelFunc]bool)
	}
	p.running[&cancel] = true
	return ctx, func() {
		p.mu.Lock()
		delete(p.running, &cancel)
		p.mu.Unlock()
		cancel()
	}
}

// takePending returns the signals whose traps have to run.
func (p *process) takePending() []unix.Signal {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.pending
	p.pending = nil
	p.flags.And(^uint32(flagPending))
	select {
	case <-p.woken:
	default:
	}
	return list
}
