package run

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Go's runtime does at signals what suits a Go program: it prints what its goroutines do, or
// nothing at all. A shell ends as the kernel sees to it, so that its parent can tell.

// defaulted are the signals whose default is the kernel's in a process that is nothing but a
// shell. The runtime needs the others itself.
func defaulted() []unix.Signal {
	return []unix.Signal{unix.SIGHUP, unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGUSR1, unix.SIGUSR2,
		unix.SIGALRM, unix.SIGTERM, unix.SIGSTKFLT, unix.SIGXCPU, unix.SIGXFSZ, unix.SIGVTALRM, unix.SIGIO, unix.SIGPWR, unix.SIGSYS}
}

// takeOver gives these signals the kernel's default.
func (t *traps) takeOver() {
	t.defaults = make(map[unix.Signal]signalAction)
	for _, s := range defaulted() {
		if t.entry[signalName(s)] {
			ignored := signalAction{handler: 1} // SIG_IGN
			ignored.change(s, nil)
			continue
		}
		byKernel, was := signalAction{}, signalAction{}
		byKernel.change(s, &was)
		t.defaults[s] = was
	}
}

// arrange lets the runtime have the signals that it shall hand out, and no others.
func (t *traps) arrange(wanted []os.Signal) {
	for s, byRuntime := range t.defaults {
		action := signalAction{}
		for _, w := range wanted {
			if w == s {
				action = byRuntime
			}
		}
		action.change(s, nil)
	}
}

// DieOf ends this process by a signal.
func DieOf(s unix.Signal) {
	byKernel := signalAction{}
	byKernel.change(s, nil)
	unix.Kill(os.Getpid(), s)
	time.Sleep(time.Second) // another thread may be the one that dies of it
}

// signalAction is the kernel's struct sigaction (rt_sigaction(2)), as on amd64 and arm64.
type signalAction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

func (a *signalAction) change(s unix.Signal, was *signalAction) {
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(a)), uintptr(unsafe.Pointer(was)), 8, 0, 0)
}
