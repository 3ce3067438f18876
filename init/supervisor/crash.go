package supervisor

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"bootrc/init/cmdline"
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
	syscall.Sync()
	if policy == "reboot" {
		say("Rebooting the computer")
		syscall.Reboot(syscall.LINUX_REBOOT_CMD_RESTART)
	}
	say("It's now safe to turn off your computer")
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
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

// say writes one line to the console, as the boot does.
func say(text string) {
	uptime := "?"
	if b, err := os.ReadFile("/proc/uptime"); err == nil {
		uptime, _, _ = strings.Cut(string(b), " ")
	}
	fmt.Fprintf(os.Stderr, "\n[%s]: %s\n\n", uptime, text)
}
