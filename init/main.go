// Init is what the kernel starts: PID 1, the boot, a container's first process,
// or, on a workstation, each command of the boot's shell as a program:
//
//	init sh [-eux] [-c TEXT | FILE] [ARGUMENT…]
//	init COMMAND [ARGUMENT…]
//
// A link with a command's name is that command: the kernel calls /sbin/modprobe.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"bootrc/init/boot"
	"bootrc/init/supervisor"
	"bootrc/network/dns"
)

// The process's main thread does nothing but wait, because /proc/self is what that thread sees:
// libcontainer's and our own goroutines that join a container's mount namespace, or take a umask
// or a root folder of their own, leave that to end with their thread, and the main one never ends.
func init() { runtime.LockOSThread() }

func main() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		start()
	}()
	<-ended
}

func start() {
	ctx := context.Background()
	log.SetOutput(io.Discard) // net/http logs what servers send unasked
	net.DefaultResolver = dns.NewResolver("/etc/resolv.conf")
	if supervisor.IsBoot() {
		if err := boot.Run(ctx, commands, secrets); err != nil {
			fmt.Fprintf(os.Stderr, "boot: %v\n", err)
			os.Exit(1)
		}
		return
	}
	switch name, args := role(os.Args); name {
	case supervisor.ShellArgument:
		os.Exit(runEmergencyShell(ctx))
	case "sh":
		os.Exit(execute(ctx, shCommand(), args))
	case "":
		fmt.Fprintf(os.Stderr, "usage: init sh [-eux] [-c TEXT | FILE] [ARGUMENT…]\n       init COMMAND [ARGUMENT…]   (`init help` lists them)\n")
		os.Exit(2)
	default:
		os.Exit(runCommand(ctx, name, args))
	}
}

// shellName is $0 of a shell without a script: the link's name, or "sh" after `init sh`.
func shellName(argv []string) string {
	if filepath.Base(argv[0]) == "sh" {
		return argv[0]
	}
	return "sh"
}

// role takes the command from the name under which the program was called, or
// else from its first argument.
func role(argv []string) (name string, args []string) {
	if called := filepath.Base(argv[0]); called != "init" && isCommand(called) {
		return called, argv[1:]
	}
	if len(argv) < 2 {
		return "", nil
	}
	return argv[1], argv[2:]
}
