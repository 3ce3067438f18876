package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"bootrc/init/boot"
	"bootrc/sh"
)

// runCommand runs one command of the table, as typed in the shell.
func runCommand(ctx context.Context, name string, args []string) int {
	shell, err := newShell(ctx, args, false)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	defer stopServices(ctx, shell)
	ctx, release := sh.Interruptible(ctx)
	defer release()
	return status(shell.Run(ctx, name, strings.NewReader(name+` "$@"`), sh.Options{}))
}

// stopServices ends what the shell started in the background: nobody else can.
func stopServices(ctx context.Context, shell *sh.Shell) {
	shell.Run(ctx, "service stop", strings.NewReader("service stop"), sh.Options{})
}

// runShell is sh(1).
func runShell(ctx context.Context, name string, args []string) int {
	shell, err := newShell(ctx, nil, true)
	if err != nil {
		fmt.Fprintf(os.Stderr, "sh: %v\n", err)
		return 1
	}
	defer stopServices(ctx, shell)
	return shell.Main(ctx, name, args)
}

// runEmergencyShell is the shell on the wreck of a boot. It leads a session that
// has no terminal yet.
func runEmergencyShell(ctx context.Context) int {
	if err := boot.TakeTerminal(); err != nil {
		fmt.Fprintf(os.Stderr, "ctrl-c will not work: %v\n", err)
	}
	return runShell(ctx, "sh", []string{"-i"})
}

func newShell(ctx context.Context, params []string, process bool) (*sh.Shell, error) {
	return sh.New(sh.Config{
		Table: sh.NewTable(commands(ctx)...), Topics: boot.Topics(),
		Env: os.Environ(), Params: params, Process: process,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}

// status is the exit status of a script. What a command failed with it has said
// itself; what the shell found wrong is said here.
func status(err error) int {
	var failure *sh.Failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failure):
		if failure.Cause != "" {
			fmt.Fprintln(os.Stderr, failure)
		}
		return int(failure.Status)
	default:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
}
