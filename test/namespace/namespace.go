// Package namespace runs tests, and what measures networks, where nothing that they do can touch,
// or be left behind on, the machine.
package namespace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// marker tells a test process that it is in namespaces of its own.
const marker = "BOOTRC_TEST_IN_NAMESPACE"

// Main runs tests in a network, a mount and a UTS namespace of their own, and exits. It is for
// TestMain.
func Main(m *testing.M) {
	if slices.Contains(os.Args, "-test.fuzzworker") { // it is spoken to by files that it inherits, and parses
		os.Exit(m.Run())
	}
	status, inside := Enter()
	if inside {
		status = m.Run()
	}
	os.Exit(status)
}

// Enter runs this program again in such namespaces, and returns its status. In there it returns
// that it is inside.
func Enter() (status int, inside bool) {
	if os.Getenv(marker) == "" {
		return again(), false
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		fmt.Fprintln(os.Stderr, "make mounts private:", err)
		return 1, false
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil { // that of this network namespace
		fmt.Fprintln(os.Stderr, "mount /sys:", err)
		return 1, false
	}
	return 0, true
}

// again runs this program in the namespaces, and returns its status.
func again() int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), marker+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWUTS,
		Pdeathsig:  unix.SIGKILL,
	}
	if os.Geteuid() != 0 { // root in there alone
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "start in namespaces of their own:", err)
		return 1
	}
	return 0
}
