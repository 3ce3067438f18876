package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"bootrc/kit/command"
)

func runCommands() []command.Command {
	return []command.Command{
		timeoutCommand(),
		envCommand(),
		{Name: "printenv", Summary: "print the values of exported variables", Operands: "[NAME…]", Run: tool(printenv)},
		xargsCommand(), whichCommand(), resizeCommand(),
		{
			Name: "chroot", Summary: "run a program, or the folder's own shell, with a folder as its root",
			Operands: "FOLDER [COMMAND] [ARGUMENT…]", Forms: []string{"FOLDER [COMMAND [ARGUMENT…]]"}, OptionsFirst: true, Run: tool(chroot),
		},
	}
}

func envCommand() command.Command {
	return command.Command{
		Name: "env", Summary: "print the exported variables, or run a command with others",
		Operands: "[NAME=VALUE…] [COMMAND] [ARGUMENT…]", Forms: []string{"[-i] [-u NAME]… [NAME=VALUE…] [COMMAND [ARGUMENT…]]"},
		Options: []command.Option{
			{Names: "-i, --ignore-environment", Help: "begin without variables"},
			{Names: "-u, --unset", Value: "NAME", Kind: command.List, Help: "leave out this variable"},
		},
		OptionsFirst: true,
		Run:          tool(env),
	}
}

// run runs a command line on behalf of the call, with its streams and folder.
func (c *call) run(ctx context.Context, line, env []string) (command.Status, error) {
	if err := c.out.Flush(); err != nil {
		return 0, err
	}
	inner := *c.caller
	inner.Name, inner.Args, inner.Env = line[0], line[1:], env
	known, ok := c.lookup(inner.Name)
	if !ok {
		return runProgram(ctx, &inner, ""), ctx.Err()
	}
	return known.Execute(ctx, &inner), ctx.Err()
}

// lookup finds a command of the caller's shell or, without one, of this package.
func (c *call) lookup(name string) (command.Command, bool) {
	if c.caller.Lookup != nil {
		return c.caller.Lookup(name)
	}
	for _, known := range Commands() {
		if known.Name == name {
			return known, true
		}
	}
	return command.Command{}, false
}

// runProgram starts a program, in another root if root is not "", and waits for
// it. Its status is 127 if there is no such program, 126 if it doesn't start.
func runProgram(ctx context.Context, inner *command.Call, root string) command.Status {
	path, err := lookPath(inner, root)
	if err != nil {
		fmt.Fprintf(inner.Stderr, "%s: %v\n", inner.Name, err)
		return 127
	}
	program := exec.CommandContext(ctx, path, inner.Args...)
	program.Args[0] = inner.Name
	program.Dir, program.Env = inner.Dir, inner.Env
	program.Stdin, program.Stdout, program.Stderr = inner.Stdin, inner.Stdout, inner.Stderr
	if root != "" {
		program.Dir = "/"
		program.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	}
	err = program.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exitStatus(exit)
	}
	fmt.Fprintf(inner.Stderr, "%s: %v\n", inner.Name, err)
	return 126
}

func exitStatus(exit *exec.ExitError) command.Status {
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return command.Status(128 + wait.Signal())
	}
	return command.Status(exit.ExitCode())
}

// lookPath finds a program in the caller's PATH, as seen from root. Links are
// not followed: those of another root mean something else here.
func lookPath(inner *command.Call, root string) (string, error) {
	if strings.Contains(inner.Name, "/") {
		if root != "" {
			return inner.Name, nil
		}
		return inner.Path(inner.Name), nil
	}
	search, ok := environ(inner.Env, "PATH")
	if !ok {
		search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	for _, dir := range filepath.SplitList(search) {
		path := filepath.Join("/", dir, inner.Name)
		info, err := os.Lstat(root + path)
		if err == nil && (info.Mode()&fs.ModeSymlink != 0 || info.Mode().IsRegular() && info.Mode()&0o111 != 0) {
			return path, nil
		}
	}
	return "", errors.New("no such command")
}

func env(ctx context.Context, c *call) error {
	words, vars := c.Args, c.Env
	if c.Flag("ignore-environment") {
		vars = nil
	}
	for _, name := range c.List("unset") {
		vars = without(vars, name)
	}
	for len(words) > 0 && strings.Contains(words[0], "=") {
		name, _, _ := strings.Cut(words[0], "=")
		vars = append(without(vars, name), words[0])
		words = words[1:]
	}
	if len(words) > 0 {
		status, err := c.run(ctx, words, vars)
		return statusError(status, err)
	}
	for _, v := range vars {
		c.Printf("%s\n", v)
	}
	return nil
}

func statusError(status command.Status, err error) error {
	if err == nil && status != 0 {
		return status
	}
	return err
}

func without(env []string, name string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, name+"=") {
			kept = append(kept, v)
		}
	}
	return kept
}

func printenv(_ context.Context, c *call) error {
	if len(c.Args) == 0 {
		for _, v := range c.Env {
			c.Printf("%s\n", v)
		}
	}
	for _, name := range c.Args {
		value, ok := environ(c.Env, name)
		if !ok {
			c.failed = true
			continue
		}
		c.Printf("%s\n", value)
	}
	return nil
}

func chroot(ctx context.Context, c *call) error {
	root, line := c.Path(c.Args[0]), c.Args[1:]
	if len(line) == 0 {
		line = []string{"/bin/sh", "-i"}
	}
	if info, err := os.Stat(root); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", root)
	}
	inner := *c.caller
	inner.Name, inner.Args = line[0], line[1:]
	return statusError(runProgram(ctx, &inner, root), nil)
}
