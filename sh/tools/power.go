package tools

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func powerCommands() []command.Command {
	return []command.Command{
		powerCommand("poweroff", "power off", unix.LINUX_REBOOT_CMD_POWER_OFF),
		powerCommand("reboot", "reboot", unix.LINUX_REBOOT_CMD_RESTART),
		powerCommand("halt", "halt", unix.LINUX_REBOOT_CMD_HALT),
	}
}

func powerCommand(name, does string, how int) command.Command {
	return command.Command{
		Name: name, Summary: "write everything to disk and " + does + ", at once",
		Options: []command.Option{{Names: "-f, --force", Help: "do so on a machine that another program booted, too"}},
		Run:     tool(func(_ context.Context, c *call) error { return endMachine(c, how) }),
	}
}

// endMachine ends the machine with reboot(2). In the initramfs there is nothing
// else to ask, so -f changes nothing there. On a machine that another program
// booted, it is what allows this: no service of that machine would be stopped.
func endMachine(c *call, how int) error {
	if !c.Flag("force") && bootedByOther("/proc/1/exe", "/proc/self/exe") {
		return errors.New("another program booted this machine and would not be asked: if that is wanted, give -f")
	}
	if !syncWithin(syncLimit) {
		fmt.Fprintf(c.Stderr, "%s: what was written is not on its disk after %s: ending the machine without it\n", c.Name, syncLimit)
	}
	if err := unix.Reboot(how); err != nil {
		return fmt.Errorf("reboot(2): %w", err)
	}
	return nil
}

// syncLimit is how long a disk or a server may take to store what was written. One
// that has died would keep the machine from going off for ever.
const syncLimit = 2 * time.Minute

// syncWithin tells whether sync(2) ended within the limit.
func syncWithin(limit time.Duration) bool {
	done := make(chan struct{})
	go func() {
		unix.Sync()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// bootedByOther says whether it is certain that the first process runs another
// program than this one.
func bootedByOther(first, own string) bool {
	a, err := os.Stat(first)
	if err != nil {
		return false
	}
	b, err := os.Stat(own)
	return err == nil && !os.SameFile(a, b)
}
