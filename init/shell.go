package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bootrc/init/boot"
	"bootrc/sh"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// runCommand runs one command of the table, as typed in the shell.
func runCommand(ctx context.Context, name string, args []string) int {
	shell, err := newShell(ctx, args)
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

// runShell is sh(1) as far as scripts that a hook calls need it.
func runShell(ctx context.Context, args []string) int {
	flags := pflag.NewFlagSet("sh", pflag.ContinueOnError)
	flags.SetInterspersed(false)
	text := flags.StringP("command", "c", "", "run this `TEXT`")
	interactive := flags.BoolP("interactive", "i", false, "read commands from the terminal")
	var o sh.Options
	flags.BoolVarP(&o.ExitOnError, "errexit", "e", false, "exit at the first command that fails")
	flags.BoolVarP(&o.NoUnset, "nounset", "u", false, "a variable that is not set is an error")
	flags.BoolVarP(&o.Trace, "xtrace", "x", false, "print each command before it runs")
	if err := flags.Parse(args); errors.Is(err, pflag.ErrHelp) {
		return 0
	} else if err != nil {
		fmt.Fprintf(os.Stderr, "sh: %v\n", err)
		return 2
	}
	name, script, params := "sh", io.Reader(os.Stdin), flags.Args()
	switch {
	case flags.Changed("command"):
		script = strings.NewReader(*text)
		if len(params) > 0 {
			name, params = params[0], params[1:]
		}
	case len(params) > 0:
		file, err := os.Open(params[0])
		if err != nil {
			fmt.Fprintf(os.Stderr, "sh: %v\n", err)
			return 127
		}
		defer file.Close()
		name, script, params = params[0], file, params[1:]
	default:
		*interactive = *interactive || term.IsTerminal(int(os.Stdin.Fd()))
	}
	shell, err := newShell(ctx, params)
	if err != nil {
		fmt.Fprintf(os.Stderr, "sh: %v\n", err)
		return 1
	}
	defer stopServices(ctx, shell)
	if *interactive {
		return int(shell.Interactive(ctx))
	}
	ctx, release := sh.Interruptible(ctx)
	defer release()
	return status(shell.Run(ctx, name, script, o))
}

// runEmergencyShell is the shell on the wreck of a boot. It leads a session that
// has no terminal yet.
func runEmergencyShell(ctx context.Context) int {
	if err := boot.TakeTerminal(); err != nil {
		fmt.Fprintf(os.Stderr, "ctrl-c will not work: %v\n", err)
	}
	return runShell(ctx, []string{"-i"})
}

func newShell(ctx context.Context, params []string) (*sh.Shell, error) {
	return sh.New(sh.Config{
		Table: sh.NewTable(commands(ctx)...), Topics: boot.Topics(),
		Env: os.Environ(), Params: params,
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
