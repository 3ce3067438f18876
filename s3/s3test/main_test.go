package s3test_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"

	"bootrc/kit/command"
	"bootrc/s3"
	"bootrc/s3/s3test"
)

// roleVariable makes this binary a command of the shell instead of the tests.
const roleVariable = "S3TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) == "command" {
		status := runCommand(os.Args[1], os.Args[2:])
		noteMemory(os.Getenv(memoryVariable))
		os.Exit(status)
	}
	status := m.Run()
	for _, kind := range kinds {
		servers[kind.Name].stop()
	}
	os.Exit(status)
}

// runCommand runs a command of package s3 as the shell would.
func runCommand(name string, args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	commands := s3.Commands("")
	i := slices.IndexFunc(commands, func(c command.Command) bool { return c.Name == name })
	if i < 0 {
		fmt.Fprintf(os.Stderr, "%s: no such command\n", name)
		return 127
	}
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return int(commands[i].Execute(ctx, &command.Call{
		Name: name, Args: args, Dir: dir, Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}

// kinds are the servers that tests run against.
var kinds = []s3test.Kind{s3test.MinIO, s3test.Versity}
