package run

import (
	"errors"

	"golang.org/x/sys/unix"
)

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
