package run

import (
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// terminal is the one that job control works with.
type terminal struct {
	fd   int
	own  int // the shell's process group
	mode *unix.Termios
}

// control switches job control (set -m) on or off. Without a terminal, jobs are process
// groups, but no group is in the foreground.
func (j *jobs) control(on bool) error {
	if !on {
		if j.tty != nil {
			unix.Close(j.tty.fd)
			signal.Reset(asSignals(controlSignals())...)
		}
		j.tty = nil
		return nil
	}
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	j.tty = &terminal{fd: fd, own: unix.Getpgrp()}
	j.tty.mode, _ = unix.IoctlGetTermios(fd, unix.TCGETS)
	signal.Ignore(asSignals(controlSignals())...)
	return nil
}

// controlSignals are those that a shell with job control ignores.
func controlSignals() []unix.Signal { return []unix.Signal{unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU} }

func asSignals(list []unix.Signal) []os.Signal {
	all := make([]os.Signal, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

// ControlJobs switches job control on if there is a terminal for it; off is for the end.
func (sh *Shell) ControlJobs() (off func()) {
	sh.setOption('m', true)
	if sh.jobs.tty == nil {
		sh.options.on['m'] = false
	}
	return func() { sh.setOption('m', false) }
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

// terminal returns the one of the shell that a person types on, or nil.
func (j *jobs) terminal() *terminal {
	for sh := j.shell; sh != nil; sh = sh.outer {
		if sh.jobs.tty != nil {
			return sh.jobs.tty
		}
	}
	return nil
}

// endForeground takes the terminal back after a program; one that was stopped becomes a job.
// Ctrl-c ends all that was typed with it, not the program alone.
func (sh *Shell) endForeground(p *program) {
	g := p.group
	if g.background {
		return
	}
	sh.jobs.terminal().takeBack()
	if p.stopped {
		g.owner.keep(g)
		return
	}
	if p.ended.Signaled() && p.ended.Signal() == unix.SIGINT {
		sh.current.Load().kill(unix.SIGINT)
	}
}

// keep makes a job of a group that was stopped in the foreground.
func (sh *Shell) keep(g *group) {
	one, made := g.asJob()
	if !made {
		return
	}
	sh.jobs.add(one)
	if sh.interactive {
		fmt.Fprintln(sh.fds.get(2))
		sh.jobs.show(sh.fds.get(2), one, false)
	}
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
		if one.group != nil {
			one.group.resume(nil)
		}
		return 0
	}
	fmt.Fprintf(sh.fds.get(1), "%s\n", one.text)
	if one.group != nil {
		one.group.resume(sh.jobs.tty)
	}
	status, _ := sh.await(one)
	sh.jobs.tty.takeBack()
	if one.stopped() && sh.interactive {
		fmt.Fprintln(sh.fds.get(2))
		sh.jobs.show(sh.fds.get(2), one, false)
	}
	return status
}

func fg(sh *Shell, args []string) int { return sh.resume("fg", args, true) }
func bg(sh *Shell, args []string) int { return sh.resume("bg", args, false) }
