// Package faults_test has commands meet, one by one, all that goes wrong between a machine and its
// servers, and on its disk: a pull, both directions of a mirror, and volumes. What is
// checked is the same each time: nothing is lost that was there, nothing is left of the
// attempts, and the next run ends as it should.
//
//	go test ./faults            with few kills, and without servers that stall
//	go test ./faults -args -full
package faults_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"bootrc/kit/command"
	"bootrc/oci"
	"bootrc/oci/store"
	"bootrc/rootfs/volume"
	"bootrc/s3"
)

var full = flag.Bool("full", false, "kill each command 30 times, and have servers stall, which takes minutes")

// roleVariable makes this program a command of the shell, with the folder that it names in
// place of /storage.
const roleVariable = "FAULTS_STORAGE"

func TestMain(m *testing.M) {
	if storage, ok := os.LookupEnv(roleVariable); ok {
		os.Exit(runCommand(storage, os.Args[1], os.Args[2:]))
	}
	os.Exit(m.Run())
}

func runCommand(storage, name string, args []string) int {
	openStore := sync.OnceValues(func() (*store.Store, error) { return store.Open(filepath.Join(storage, "oci")) })
	openVolumes := sync.OnceValues(func() (*volume.Store, error) { return volume.Open(filepath.Join(storage, "volumes")) })
	commands := slices.Concat(oci.Commands(openStore), volume.Commands(openVolumes), s3.Commands(""))
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
	return int(commands[i].Execute(context.Background(), &command.Call{
		Name: name, Args: args, Dir: dir, Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}
