package run

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"bootrc/sh/syntax"

	"golang.org/x/sys/unix"
)

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

// WaitBackground waits for the subshells in the background that are no processes: they
// end with this one.
func (sh *Shell) WaitBackground() {
	for _, one := range sh.jobs.list {
		if one.proc != nil && one.id >= firstID {
			<-one.done
		}
	}
}
