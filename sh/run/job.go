package run

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
)

// job is what runs, or ran, in the background, or was stopped.
type job struct {
	number int
	id     int // what $! shows
	text   string

	proc   *process // of a subshell in this process; nil for a program
	group  *group   // its processes, where job control is on
	done   chan struct{}
	status int // once done

	killer unix.Signal // once done: what ended it, or 0

	told bool // its end was shown to the person who types
}

// jobs is those of one shell.
type jobs struct {
	shell *Shell
	list  []*job
	last  string // $!
	shown *jobs  // those of the shell that a subshell came from, for the builtin jobs
	group *group // of the pipeline that this shell is part of
	tty   *terminal
	left  []*job // of earlier scripts, which nobody waits for
}

// leave makes the next script wait for none of this one's jobs; they run on.
func (j *jobs) leave() {
	var kept []*job
	for _, one := range append(j.left, j.list...) {
		if !one.ended() {
			kept = append(kept, one)
		}
	}
	j.left, j.list, j.last = kept, nil, ""
}

// background is all jobs that run.
func (j *jobs) background() []*job {
	var running []*job
	for _, one := range append(slices.Clone(j.left), j.list...) {
		if !one.ended() {
			running = append(running, one)
		}
	}
	return running
}

// Background describes what was started with & and runs.
func (sh *Shell) Background() []string {
	var texts []string
	for _, one := range sh.root().jobs.background() {
		texts = append(texts, fmt.Sprintf("%d: %s", one.id, one.text))
	}
	return texts
}

// StopBackground ends what was started with & and runs: with TERM, and with KILL what goes on
// for longer than patience.
func (sh *Shell) StopBackground(patience time.Duration) {
	running := sh.root().jobs.background()
	for _, one := range running {
		one.signal(unix.SIGTERM)
	}
	deadline := time.After(patience)
	for _, one := range running {
		select {
		case <-one.done:
		case <-deadline:
			for _, late := range running {
				late.signal(unix.SIGKILL)
			}
			return
		}
	}
}

// root is the shell that is no subshell.
func (sh *Shell) root() *Shell {
	for sh.outer != nil {
		sh = sh.outer
	}
	return sh
}

// maxJobs is how many ended jobs are kept for who waits for them later.
const maxJobs = 500

func (j *jobs) add(one *job) {
	j.forgetEnded()
	one.number = 1
	for _, other := range j.list {
		one.number = max(one.number, other.number+1)
	}
	j.list = append(j.list, one)
}

func (j *jobs) forgetEnded() {
	for i := 0; i < len(j.list) && len(j.list) >= maxJobs; {
		if j.list[i].ended() {
			j.list = append(j.list[:i], j.list[i+1:]...)
			continue
		}
		i++
	}
}

func (j *jobs) remove(one *job) {
	for i, other := range j.list {
		if other == one {
			j.list = append(j.list[:i], j.list[i+1:]...)
			return
		}
	}
}

func (one *job) ended() bool {
	select {
	case <-one.done:
		return true
	default:
		return false
	}
}

// find returns the job that an operand names: a number that $! had, or % and what XCU
// fg(1) says.
func (j *jobs) find(operand string) (*job, error) {
	if strings.HasPrefix(operand, "%") {
		return j.findJob(operand[1:])
	}
	id, err := strconv.Atoi(operand)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a process's number nor a job: a job begins with %%", operand)
	}
	for _, one := range j.list {
		if one.id == id {
			return one, nil
		}
	}
	return nil, nil
}

func (j *jobs) findJob(name string) (*job, error) {
	current := j.ordered()
	switch name {
	case "", "%", "+":
		if len(current) == 0 {
			return nil, fmt.Errorf("there is no current job")
		}
		return current[0], nil
	case "-":
		if len(current) < 2 {
			return nil, fmt.Errorf("there is no previous job")
		}
		return current[1], nil
	}
	var found *job
	for _, one := range j.list {
		if strconv.Itoa(one.number) == name {
			return one, nil
		}
		if strings.HasPrefix(one.text, name) || name[0] == '?' && strings.Contains(one.text, name[1:]) {
			if found != nil {
				return nil, fmt.Errorf("%%%s: more than one job", name)
			}
			found = one
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%%%s: no such job", name)
	}
	return found, nil
}

// ordered is the jobs with the current one first: stopped ones before others, later ones
// before earlier ones.
func (j *jobs) ordered() []*job {
	var stopped, others []*job
	for i := len(j.list) - 1; i >= 0; i-- {
		if one := j.list[i]; one.told {
			continue
		} else if one.stopped() {
			stopped = append(stopped, one)
		} else {
			others = append(others, one)
		}
	}
	return append(stopped, others...)
}

func (one *job) stopped() bool { return one.group != nil && !one.ended() && one.group.isStopped() }

// signal sends a signal to a job.
func (one *job) signal(signal unix.Signal) error {
	switch {
	case one.group != nil && one.group.leader() != 0:
		return unix.Kill(-one.group.leader(), signal)
	case one.ended():
		return unix.ESRCH
	case one.proc != nil:
		one.proc.deliver(signal)
		return nil
	}
	return unix.Kill(one.id, signal)
}

// background starts a command that the shell does not wait for (XCU 2.9.3.1). A program's
// number is its process's.
func (sh *Shell) background(c *syntax.Background) outcome {
	sh.line = c.Line
	p, err := numbered(sh.config.Background)
	if err != nil {
		sh.report("", err)
		sh.status = 2
		return sh.fatal()
	}
	child := sh.detached(p)
	one := &job{id: p.id, text: c.Text, proc: p, done: make(chan struct{})}
	if sh.options.on['m'] {
		one.group = &group{background: true, owner: sh}
		child.jobs.group = one.group
	} else {
		child.ignoreKeyboard()
		if null, err := openFile("/dev/null", unix.O_RDONLY, 0); err == nil {
			child.fds.put(0, null).release()
		}
	}
	known := make(chan struct{})
	var once sync.Once
	child.started = func(pid int) {
		once.Do(func() {
			if pid != 0 {
				one.id = pid
			}
			close(known)
		})
	}
	if _, simple := c.Command.(*syntax.Simple); !simple {
		child.start(0)
	}
	go func() {
		o := child.alone(c.Command)
		status := child.finish(o)
		one.killer = child.endedBy
		if o == killed {
			if one.killer = p.killedBy(); one.killer != 0 {
				status = 128 + int(one.killer)
			}
		}
		child.start(0)
		one.status = status
		if one.group != nil {
			one.group.waitEmpty()
		}
		close(one.done)
		p.end()
	}()
	<-known
	sh.jobs.last = strconv.Itoa(one.id)
	sh.jobs.add(one)
	if sh.interactive {
		fmt.Fprintf(sh.fds.get(2), "[%d] %d\n", one.number, one.id)
	}
	sh.status = 0
	return next
}

// alone runs the command of a subshell that runs beside its shell: it is that of ( … ) itself.
func (sh *Shell) alone(c syntax.Command) outcome {
	if inner, ok := c.(*syntax.Subshell); ok {
		return sh.list(inner.Body)
	}
	return sh.command(c)
}

// start tells the shell that started this one in the background what it is: the process
// with that number, or, for 0, none, so that it need not be waited for any longer.
func (sh *Shell) start(pid int) {
	if sh.started != nil {
		started := sh.started
		sh.started = nil
		started(pid)
	}
}

// ignoreKeyboard makes a command in the background deaf to what a person types.
func (sh *Shell) ignoreKeyboard() {
	for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGQUIT} {
		if _, set := sh.traps.actions[signalName(signal)]; !set {
			sh.traps.set(sh, signalName(signal), "")
		}
	}
}

// await waits for a job; the status is 128 and a signal's number if that was trapped
// meanwhile.
func (sh *Shell) await(one *job) (status int, interrupted bool) {
	if !one.ended() {
		select {
		case <-one.done:
		case <-sh.proc.ctx.Done():
			return 128 + int(unix.SIGINT), true
		case <-sh.wakes():
			return 128 + int(sh.firstPending()), true
		case <-one.stops():
			return 128 + int(unix.SIGTSTP), false
		}
	}
	if !one.told && one.killer != 0 && isNews(one.killer) {
		sh.report("", errors.New(signalText(one.killer)))
	}
	one.told = true
	return one.status, false
}

func (one *job) stops() <-chan struct{} {
	if one.group == nil {
		return nil
	}
	return one.group.stops()
}

// wakes is what a trap that has to run writes to.
func (sh *Shell) wakes() <-chan struct{} {
	if sh.ownsProcess() {
		return sh.proc.woken
	}
	return nil
}

func (sh *Shell) firstPending() unix.Signal {
	sh.proc.mu.Lock()
	defer sh.proc.mu.Unlock()
	if len(sh.proc.pending) == 0 {
		return 0
	}
	return sh.proc.pending[0]
}

// wait is the builtin.
func wait(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if sh.proc.flags.Load()&flagPending != 0 && sh.ownsProcess() {
		return 128 + int(sh.firstPending())
	}
	if len(args) == 0 {
		for len(sh.jobs.list) > 0 {
			one := sh.jobs.list[0]
			if one.stopped() {
				break
			}
			if status, interrupted := sh.await(one); interrupted {
				return status
			}
			sh.jobs.remove(one)
		}
		return 0
	}
	status := 0
	for _, operand := range args {
		one, err := sh.jobs.find(operand)
		if err != nil {
			sh.report("wait", err)
			status = 127
			continue
		}
		if one == nil {
			status = 127
			continue
		}
		var interrupted bool
		if status, interrupted = sh.await(one); interrupted {
			return status
		}
	}
	return status
}

// WaitBackground waits for the subshells in the background that are no processes: they
// end with this one.
func (sh *Shell) WaitBackground() {
	for _, one := range sh.jobs.list {
		if one.proc != nil && one.id >= firstID {
			<-one.done
		}
	}
}

// listJobs is the builtin jobs.
func listJobs(sh *Shell, args []string) int {
	long, ids := false, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		for _, c := range args[0][1:] {
			switch c {
			case 'l':
				long = true
			case 'p':
				ids = true
			case '-':
			default:
				return sh.misuse("jobs", &OptionError{"-" + string(c)})
			}
		}
		args = args[1:]
	}
	j := sh.jobs
	if len(j.list) == 0 && j.shown != nil {
		j = j.shown
	}
	chosen := slices.DeleteFunc(slices.Clone(j.list), func(one *job) bool { return one.told })
	if len(args) > 0 {
		chosen = nil
		for _, operand := range args {
			one, err := j.find(operand)
			if err == nil && one == nil {
				err = fmt.Errorf("%s: no such job", operand)
			}
			if err != nil {
				sh.report("jobs", err)
				return 2
			}
			chosen = append(chosen, one)
		}
	}
	out := sh.fds.get(1)
	for _, one := range chosen {
		if ids {
			fmt.Fprintf(out, "%d\n", one.id)
			continue
		}
		j.show(out, one, long)
		if one.ended() {
			one.told = true
		}
	}
	return 0
}

// show prints a line of XCU jobs(1).
func (j *jobs) show(w io.Writer, one *job, long bool) {
	mark := " "
	if current := j.ordered(); len(current) > 0 && current[0] == one {
		mark = "+"
	} else if len(current) > 1 && current[1] == one {
		mark = "-"
	}
	state := "Running"
	switch {
	case one.ended() && one.status == 0:
		state = "Done"
	case one.ended() && one.status > 128:
		state = signalText(unix.Signal(one.status - 128))
	case one.ended():
		state = fmt.Sprintf("Done(%d)", one.status)
	case one.stopped():
		state = "Stopped"
	}
	id := ""
	if long {
		id = fmt.Sprintf("%d ", one.id)
	}
	fmt.Fprintf(w, "[%d] %s %s%s %s\n", one.number, mark, id, state, one.text)
}
