package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"bootrc/kmod"
	"bootrc/network"
	"bootrc/oci"
	"bootrc/oci/container"
	"bootrc/oci/store"
	"bootrc/rootfs"
	"bootrc/s3"
	"bootrc/sh/command"
	"bootrc/sh/tools"
)

// commands is the shell's table. Those that go on in the background do so until
// ctx ends.
func commands(ctx context.Context) []command.Command {
	openStore := sync.OnceValues(func() (*store.Store, error) {
		return store.Open(filepath.Join(storage(), "oci"))
	})
	runtime := container.Runtime{Bundles: filepath.Join(storage(), "containers"), State: "/run/bootrc"}
	return slices.Concat(
		tools.Commands(),
		rootfs.Commands(),
		kmod.Commands(),
		network.Commands(ctx),
		oci.Commands(openStore),
		container.Commands(runtime, openStore),
		s3.Commands(aliases()),
	)
}

// aliases is the file of S3 aliases: in a boot, the machine's; on a workstation,
// "", for the caller's own.
func aliases() string {
	if _, err := os.Stat("/storage"); err != nil {
		return ""
	}
	return "/run/bootrc/s3.json"
}

// storage is where images and containers are: on a workstation, where there is
// no /storage, with other programs' state.
func storage() string {
	if _, err := os.Stat("/storage"); err != nil {
		return "/var/lib/bootrc"
	}
	return "/storage"
}

func isCommand(name string) bool {
	return name == "sh" || slices.ContainsFunc(commands(context.Background()), func(c command.Command) bool {
		return c.Name == name
	})
}
