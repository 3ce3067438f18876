package run

import (
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// starting is held while signals are ignored for a program that starts.
var starting sync.Mutex

// ignoreWhileStarting makes this process ignore signals, until restore is called: a program
// that is started meanwhile will ignore them from its beginning. There is no other way to
// tell a program so.
//
// A shell with job control ignores what stops processes; programs must not.
func ignoreWhileStarting(signals []unix.Signal, control bool) (restore func()) {
	if len(signals) == 0 && !control {
		return func() {}
	}
	actions := make([]signalAction, len(signals))
	for i := range actions {
		actions[i].handler = 1 // SIG_IGN
	}
	if control {
		for _, s := range controlSignals() {
			if !slices.Contains(signals, s) {
				signals, actions = append(signals, s), append(actions, signalAction{})
			}
		}
	}
	starting.Lock()
	runtime.LockOSThread()
	before := make([]signalAction, len(signals))
	for i, s := range signals {
		actions[i].change(s, &before[i])
	}
	return func() {
		for i, s := range signals {
			before[i].change(s, nil)
		}
		runtime.UnlockOSThread()
		starting.Unlock()
	}
}

// controlSignals are those that a shell with job control ignores.
func controlSignals() []unix.Signal { return []unix.Signal{unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU} }

// signalAction is the kernel's struct sigaction (rt_sigaction(2)), as on amd64 and arm64.
type signalAction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

func (a *signalAction) change(s unix.Signal, was *signalAction) {
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(a)), uintptr(unsafe.Pointer(was)), 8, 0, 0)
}
