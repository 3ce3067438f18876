// Package supervisor is PID 1: it starts the boot as its child, reaps every
// orphan, passes signals on, and says what happened when the boot dies.
//
// The process splits in two before Go's runtime starts (split.c). PID 1 then
// sleeps until a child ends or a signal comes, and only then starts Go: until
// there is something to do for it, it takes neither time nor memory. It becomes
// the supervisor before any package with a longer list of imports is initialised:
// what is not needed here cannot fail here. That is why this package keeps to the
// standard library's syscall. PID 1 never reaches main.
package supervisor

// extern int bootrc_boot, bootrc_told;
import "C"

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// The signals by which the boot is asked to come to an orderly end.
const (
	PowerOffSignal = syscall.SIGTERM
	RebootSignal   = syscall.SIGUSR1
)

// ShellArgument is the argument under which this program is started as the
// emergency shell.
const ShellArgument = "emergency-shell"

// Environment is all that the boot and the emergency shell get: the kernel puts
// words of its command line into ours.
var Environment = []string{
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"TERM=linux",
}

// IsBoot tells whether this process is the boot, PID 1's child.
func IsBoot() bool { return C.bootrc_boot == 0 }

func init() {
	switch boot := int(C.bootrc_boot); {
	case boot > 0:
		supervise(boot)
	case boot == -1:
		end("the boot could not be started")
	}
}

func supervise(boot int) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPWR)
	if told := syscall.Signal(C.bootrc_told); told != syscall.SIGCHLD {
		signals <- told
	}
	go passOn(signals, boot)
	go feedWatchdog()
	end(describe(reapUntil(boot)))
}

// start runs this program again under another role, as the leader of a session
// that can take the console as its terminal. It does so by system calls alone:
// package os would first find out, with processes of its own, what the kernel can.
func start(arguments ...string) (pid int, err error) {
	return syscall.ForkExec("/init", append([]string{"/init"}, arguments...), &syscall.ProcAttr{
		Dir:   "/",
		Env:   Environment,
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
}

// passOn turns what the machine is told into what the boot is asked.
func passOn(signals <-chan os.Signal, boot int) {
	for s := range signals {
		ask := PowerOffSignal
		if s == syscall.SIGINT {
			ask = RebootSignal
		}
		syscall.Kill(boot, ask)
	}
}

// reapUntil waits for every child there is until pid has ended. No other
// process may wait for -1: it would steal the children of others.
func reapUntil(pid int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		if err == nil && ended == pid {
			return status
		}
		if err != nil && err != syscall.EINTR {
			return status
		}
	}
}

func describe(status syscall.WaitStatus) string {
	switch {
	case status.Signaled():
		return fmt.Sprintf("the boot was killed by signal %d (%v)", status.Signal(), status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Sprintf("the boot died with exit status %d", status.ExitStatus())
	default:
		return "the boot ended without powering off"
	}
}
