package network

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// marker tells a test process that it is in namespaces of its own.
const marker = "NETWORK_TEST_IN_NAMESPACE"

// TestMain runs all tests in a network and a mount namespace of their own, so
// that nothing they do can touch, or be left behind on, the machine.
func TestMain(m *testing.M) {
	if os.Getenv(marker) == "" {
		os.Exit(runInNamespace())
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		fmt.Fprintln(os.Stderr, "make mounts private:", err)
		os.Exit(1)
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil { // that of this network namespace
		fmt.Fprintln(os.Stderr, "mount /sys:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func runInNamespace() int {
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
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "start in namespaces of their own (the tests must run as root):", err)
		return 1
	}
	return 0
}
