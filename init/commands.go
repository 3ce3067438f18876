package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"bootrc/init/supervisor"
	"bootrc/kmod"
	"bootrc/network"
	"bootrc/oci"
	"bootrc/oci/container"
	"bootrc/oci/store"
	"bootrc/rootfs"
	"bootrc/rootfs/cache"
	"bootrc/rootfs/disk"
	"bootrc/rootfs/filesystem"
	"bootrc/rootfs/swap"
	"bootrc/sh/command"
	"bootrc/sh/command/proxy"
	"bootrc/sh/tools"
)

// commands is the shell's table. Those that go on in the background do so until
// ctx ends.
func commands(ctx context.Context) []command.Command {
	openStore := sync.OnceValues(func() (*store.Store, error) {
		return store.Open(filepath.Join(storage(), "oci"))
	})
	runtime := container.Runtime{Bundles: filepath.Join(storage(), "containers"), State: "/run/bootrc"}
	if supervisor.IsBoot() {
		runtime.Made = sync.OnceFunc(rootfs.EndHurry)
	}
	return slices.Concat(
		tools.Commands(),
		proxy.Commands(),
		rootfs.Commands(),
		disk.Commands(),
		cache.Commands(),
		filesystem.Commands(),
		swap.Commands(),
		kmod.Commands(),
		network.Commands(ctx),
		oci.Commands(openStore),
		container.Commands(runtime, openStore),
	)
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
