package run

import (
	"fmt"
	"strconv"
	"strings"

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

// root is the shell that is no subshell.
func (sh *Shell) root() *Shell {
	for sh.outer != nil {
		sh = sh.outer
	}
	return sh
}

// maxJobs is how many ended jobs are kept in case a script waits for them later.
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
