package tools

import (
	"context"
	"errors"
	"fmt"
	"os"

	"bootrc/kit/command"
	"bootrc/kit/power"

	"golang.org/x/sys/unix"
)

func powerCommands() []command.Command {
	return []command.Command{
		powerCommand("poweroff", "power off", unix.LINUX_REBOOT_CMD_POWER_OFF),
		powerCommand("reboot", "reboot", unix.LINUX_REBOOT_CMD_RESTART),
		powerCommand("halt", "halt", unix.LINUX_REBOOT_CMD_HALT),
	}
}

func powerCommand(name, does string, how uint32) command.Command {
	return command.Command{
		Name: name, Summary: "write everything to disk and " + does + ", at once",
		Options: []command.Option{{Names: "-f, --force", Help: "do so on a machine that another program booted, too"}},
		Run:     tool(func(_ context.Context, c *call) error { return endMachine(c, how) }),
	}
}

// endMachine ends the machine with reboot(2). In the initramfs there is nothing
// else to ask, so -f changes nothing there. On a machine that another program
// booted, it is what allows this: no service of that machine would be stopped.
func endMachine(c *call, how uint32) error {
	if !c.Flag("force") && bootedByOther("/proc/1/exe", "/proc/self/exe") {
		return errors.New("another program booted this machine and would not be asked: if that is wanted, give -f")
	}
	return power.End(how, func(text string) { fmt.Fprintf(c.Stderr, "%s: %s\n", c.Name, text) })
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
