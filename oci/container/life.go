package container

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
)

// ErrNotRunning is what errors wrap about a container whose program was not started, or has
// ended.
var ErrNotRunning = errors.New("it is not running")

// life is the time in which a container's program runs. Another process enters the container
// in that time alone: before, and after, its namespaces may be those of the machine.
type life struct {
	lock  sync.RWMutex // held for reading while a process enters
	lives bool
}

func (l *life) begin() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.lives = true
}

// end returns when nobody enters any more. The number of the process is nobody else's until
// then, because nobody has asked for its status.
func (l *life) end() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.lives = false
}

func (l *life) within(enter func() error) error {
	l.lock.RLock()
	defer l.lock.RUnlock()
	if !l.lives {
		return ErrNotRunning
	}
	return enter()
}

// statusInit is libcontainer's where it cannot run a program at the very last.
const statusInit = 255

// initName is how the kernel names a process that is still libcontainer's.
const initName = "runc:["

// awaitEnd returns when a process has ended, which it leaves to be waited for, and tells
// whether it had become its program.
func awaitEnd(process *libcontainer.Process) (ran bool) {
	pid, err := process.Pid()
	if err != nil {
		return true
	}
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		name, rerr := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		return err != nil || rerr != nil || !strings.HasPrefix(string(name), initName)
	}
}

// notRun is the error about a program that the kernel has not run. What libcontainer heard of
// it stands in the container's output.
func notRun(command string, doubt error) error {
	if doubt == nil {
		doubt = errNotRun
	}
	return &StartError{command, doubt}
}
