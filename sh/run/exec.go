package run

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// execute is the special builtin exec: it makes redirections permanent, or runs a command
// in place of the shell.
func execute(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	sh.flow = exiting
	if _, ok := sh.lookupTable(args[0]); ok {
		sh.runExec(args)
		return sh.status
	}
	if b, ok := builtinOf(args[0]); ok && !strings.Contains(args[0], "/") {
		if _, err := sh.find(args[0]); err != nil {
			status := b.run(sh, args[1:])
			sh.flow = exiting
			return status
		}
	}
	path, err := sh.find(args[0])
	if err != nil {
		return sh.execFailed(args[0], err)
	}
	if sh.replaceable() {
		err := sh.replaceProcess(path, args)
		if err != unix.ENOEXEC {
			return sh.execFailed(args[0], err)
		}
	}
	sh.runExec(args)
	return sh.status
}

func (sh *Shell) runExec(args []string) {
	delete(sh.traps.actions, exitTrap)
	sh.external(append([]string(nil), args...))
}

// execFailed ends the shell, unless a person types.
func (sh *Shell) execFailed(name string, err error) int {
	status := sh.notStarted(name, err)
	if sh.interactive {
		sh.flow = next
	}
	return status
}

// replaceable tells whether a program can take the place of this process.
func (sh *Shell) replaceable() bool {
	if !sh.config.Process || sh.outer != nil {
		return false
	}
	for _, one := range sh.jobs.list {
		if one.proc != nil && one.id >= firstID && !one.ended() {
			return false
		}
	}
	for _, f := range sh.fds {
		if f != nil && f.os == nil {
			return false
		}
	}
	return true
}

// replaceProcess is execve(2) with the shell's descriptors, folder and variables.
func (sh *Shell) replaceProcess(path string, args []string) error {
	if err := os.Chdir(sh.dir); err != nil {
		return fmt.Errorf("cannot change to %s: %w", sh.dir, explain(err))
	}
	for name, action := range sh.traps.actions {
		if _, number, _ := condition(name); number != 0 {
			if action == "" {
				signal.Ignore(number)
			} else {
				signal.Reset(number)
			}
		}
	}
	// the descriptors must not overwrite each other
	high := make([]int, len(sh.fds))
	for fd, f := range sh.fds {
		high[fd] = -1
		if f != nil {
			copied, err := unix.FcntlInt(f.os.Fd(), unix.F_DUPFD_CLOEXEC, len(sh.fds)+10)
			if err != nil {
				return err
			}
			high[fd] = copied
		}
	}
	var saved [3]int
	for fd := range saved {
		saved[fd], _ = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, len(sh.fds)+10)
	}
	for fd, copied := range high {
		if copied >= 0 {
			unix.Dup3(copied, fd, 0)
			unix.Close(copied)
		} else if fd < 3 {
			unix.Close(fd)
		}
	}
	err := syscall.Exec(path, args, sh.Environ())
	for fd, copied := range saved {
		unix.Dup3(copied, fd, 0)
		unix.Close(copied)
	}
	return err
}

// inheritDescriptors takes over the descriptors beyond 2 that this process was started with.
func (sh *Shell) inheritDescriptors() {
	for fd := 3; fd < 10; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			continue
		}
		copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 10)
		if err != nil {
			continue
		}
		unix.CloseOnExec(fd)
		sh.fds.put(fd, newFile(os.NewFile(uintptr(copied), fmt.Sprint("descriptor ", fd))))
	}
}
