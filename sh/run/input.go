package run

import (
	"errors"
	"fmt"
	"io"

	"bootrc/sh/builtin"

	"golang.org/x/sys/unix"
)

// getoptsState is where getopts stands.
type getoptsState = builtin.GetOpts

// variables is the shell's, as builtins change them.
type variables struct{ *Shell }

func (v variables) Unset(name string) error { return v.unset(name) }

// read is the builtin.
func read(sh *Shell, args []string) int {
	sh.start(0)
	in := sh.fds.get(0)
	var from io.Reader = closedFile{}
	if in != nil && in.os != nil {
		from = in.os
		if !isRegular(in) {
			from = patient{sh, in}
		}
	}
	prompts := sh.interactive && isTerminal(in)
	ended, err := builtin.Read(variables{sh}, args, from, sh.fds.get(2), prompts)
	var usage *builtin.UsageError
	switch {
	case errors.Is(err, errInterrupted):
		return 128 + int(max(sh.firstPending(), 1))
	case errors.As(err, &usage):
		sh.report("read", err)
		return 2
	case err != nil:
		sh.report("read", explain(err))
		return 2
	case ended:
		return 1
	}
	return 0
}

// patient reads from what may have nothing to read yet: a signal ends that.
type patient struct {
	sh *Shell
	f  *file
}

var errInterrupted = errors.New("interrupted")

func (p patient) Read(b []byte) (int, error) {
	for {
		fds := []unix.PollFd{{Fd: int32(p.f.os.Fd()), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 100)
		if err != nil && err != unix.EINTR {
			return 0, err
		}
		if n > 0 {
			return p.f.Read(b)
		}
		if flags := p.sh.proc.flags.Load(); flags&flagKilled != 0 || flags&flagPending != 0 && p.sh.ownsProcess() {
			return 0, errInterrupted
		}
	}
}

func isRegular(f *file) bool {
	info, err := f.os.Stat()
	return err == nil && info.Mode().IsRegular()
}

func isTerminal(f *file) bool {
	if f == nil || f.os == nil {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.os.Fd()), unix.TCGETS)
	return err == nil
}

// getopts is the builtin.
func getopts(sh *Shell, args []string) int {
	state := sh.getopts
	prefix := ""
	if !sh.interactive {
		prefix = fmt.Sprintf("%s: line %d: ", sh.script, sh.line)
	}
	found, err := state.Next(variables{sh}, args, sh.params, sh.fds.get(2), prefix)
	sh.getopts = state // an assignment to OPTIND has put it back
	switch {
	case err != nil:
		sh.report("getopts", err)
		return 2
	case !found:
		return 1
	}
	return 0
}
