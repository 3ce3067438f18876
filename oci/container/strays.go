package container

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/opencontainers/runc/libcontainer/system"
	"golang.org/x/sys/unix"
)

// strayAge is how long after a failed start all that it left is dead, and whoever waits for a
// process of another start has its status.
const strayAge = 2 * time.Second

// reapStrays waits for what libcontainer has left of a process that it could not start. runc
// exits, and leaves that to init; this process stays, and the kernel does not end the first
// process of a PID namespace before all others of it were waited for. All are children of this
// process, whichever namespaces they are in.
func reapStrays() {
	strays := map[int]uint64{} // when each began, since a number may come again
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, _ := strconv.Atoi(e.Name())
		if stat, err := system.Stat(pid); err == nil && strings.HasPrefix(stat.Name, initName) {
			strays[pid] = stat.StartTime
		}
	}
	time.Sleep(strayAge)
	for pid, begin := range strays {
		if stat, err := system.Stat(pid); err == nil && stat.State == system.Zombie && stat.StartTime == begin {
			unix.Wait4(pid, nil, unix.WNOHANG, nil) // refused where it is another program's child
		}
	}
}
