package supervisor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"bootrc/init/cmdline"
	"bootrc/kit/power"
	"bootrc/kit/within"
)

// end follows b2c.on_crash. It does not return.
func end(what string) {
	policy := onCrash()
	say(fmt.Sprintf("ERROR: %s; b2c.on_crash=%s", what, policy))
	if policy == "shell" {
		emergencyShell()
	}
	// what still runs must not write while the disks are synced
	syscall.Kill(-1, syscall.SIGKILL)
	if policy == "reboot" {
		say("Rebooting the computer")
		power.End(syscall.LINUX_REBOOT_CMD_RESTART, say)
	}
	say("It's now safe to turn off your computer")
	power.End(syscall.LINUX_REBOOT_CMD_POWER_OFF, say)
	// a machine that cannot do so must still not panic
	for {
		syscall.Pause()
	}
}

func onCrash() string {
	text, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return "poweroff"
	}
	// a broken line is the boot's to report; what can be read of it counts
	line, _ := cmdline.ParseKernel(string(text))
	switch policy := line.Value("b2c.on_crash"); policy {
	case "shell", "reboot":
		return policy
	}
	return "poweroff"
}

func emergencyShell() {
	alone.Store(true)
	defer alone.Store(false)
	say("A shell is open; its exit powers off")
	pid, err := start(ShellArgument)
	if err != nil {
		say("ERROR: starting the emergency shell: " + err.Error())
		return
	}
	reapUntil(pid)
}

// sayLimit is how long the console may take for a line. One that was stopped (ctrl-s) must
// not keep the machine from its end.
const sayLimit = 10 * time.Second

// say writes one line to the console, as the boot does.
func say(text string) {
	uptime := "?"
	if b, err := os.ReadFile("/proc/uptime"); err == nil {
		uptime, _, _ = strings.Cut(string(b), " ")
	}
	within.Do(context.Background(), sayLimit, func() error {
		_, err := fmt.Fprintf(os.Stderr, "\n[%s]: %s\n\n", uptime, text)
		return err
	})
}
