// Package supervisor is PID 1: it starts the boot as its child, reaps every
// orphan, passes signals on, and says what happened when the boot dies.
//
// Importing it makes a process with PID 1 on the kernel's root file system the
// supervisor, before any package with a longer list of imports is initialised:
// what is not needed here cannot fail here, and takes neither time nor memory.
// That is why it keeps to the standard library's syscall. It never returns to main.
package supervisor

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// BootArgument is the argument under which the supervisor starts the boot.
const BootArgument = "boot"

// The signals by which the boot is asked to come to an orderly end.
const (
	PowerOffSignal = syscall.SIGTERM
	RebootSignal   = syscall.SIGUSR1
)

// The file systems that the kernel unpacks an initramfs into (statfs(2)).
const (
	ramfsMagic = 0x858458f6
	tmpfsMagic = 0x01021994
)

// environment is all that the boot gets: the kernel puts words of its command
// line into ours.
var environment = []string{
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"TERM=linux",
}

func init() {
	if os.Getpid() == 1 && os.Getenv("_LIBCONTAINER_INITPIPE") == "" && onInitramfs() {
		supervise()
	}
}

// onInitramfs keeps a container that runs this program as its own PID 1 from
// taking itself for a machine.
func onInitramfs() bool {
	var st syscall.Statfs_t
	return syscall.Statfs("/", &st) == nil && (st.Type == ramfsMagic || st.Type == tmpfsMagic)
}

func supervise() {
	prepare()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPWR)
	boot, err := start(BootArgument)
	if err != nil {
		end(fmt.Sprintf("the boot could not be started: %v", err))
	}
	go passOn(signals, boot)
	end(describe(reapUntil(boot)))
}

// prepare does what must come before the boot. What fails here is said, and
// shows itself again where it matters.
func prepare() {
	for _, err := range []error{
		mountRootOverItself(),
		mountProc(),
		// ctrl-alt-del sends SIGINT to PID 1 instead of resetting the machine
		syscall.Reboot(syscall.LINUX_REBOOT_CMD_CAD_OFF),
	} {
		if err != nil {
			say("ERROR: " + err.Error())
		}
	}
}

// start runs this program again under another role, as the leader of a session
// that can take the console as its terminal. It does so by system calls alone:
// package os would first find out, with processes of its own, what the kernel can.
func start(arguments ...string) (pid int, err error) {
	return syscall.ForkExec("/init", append([]string{"/init"}, arguments...), &syscall.ProcAttr{
		Dir:   "/",
		Env:   environment,
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
