package main

import (
	"context"
	"fmt"
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
	"bootrc/rootfs/nbd"
	"bootrc/rootfs/swap"
	"bootrc/rootfs/volume"
	"bootrc/s3"
	"bootrc/sh/command"
	"bootrc/sh/command/proxy"
	"bootrc/sh/tools"
)

// commands is the shell's table. Those that go on in the background do so until
// ctx ends.
func commands(ctx context.Context) []command.Command {
	openStore := storeOpener()
	openVolumes := sync.OnceValues(func() (*volume.Store, error) {
		return volume.Open(filepath.Join(storage(), "volumes"))
	})
	runtime := container.Runtime{
		Bundles: filepath.Join(storage(), "containers"),
		State:   "/run/bootrc/containers",
		Volume: func(name string) (string, error) {
			volumes, err := openVolumes()
			if err != nil {
				return "", err
			}
			return volumes.Use(name)
		},
	}
	if supervisor.IsBoot() {
		runtime.Made = sync.OnceFunc(rootfs.EndHurry)
	}
	return slices.Concat(
		tools.Commands(),
		proxy.Commands(),
		rootfs.Commands(),
		volume.Commands(openVolumes),
		disk.Commands(),
		cache.Commands(),
		filesystem.Commands(),
		swap.Commands(),
		nbd.Commands(),
		kmod.Commands(),
		network.Commands(ctx),
		oci.Commands(openStore),
		container.Commands(ctx, runtime, openStore),
		s3.Commands(aliases()),
	)
}

// imageStore is where a read-only image store is mounted: b2c.storage=.
const imageStore = "/run/bootrc/imagestore"

// storeOpener returns what opens the image store at its first call. A read-only
// store is added as soon as there is one; the boot does without one that is of no
// use.
func storeOpener() func() (*store.Store, error) {
	open := sync.OnceValues(func() (*store.Store, error) {
		return store.Open(filepath.Join(storage(), "oci"))
	})
	return func() (*store.Store, error) {
		s, err := open()
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(imageStore); err == nil {
			if err := s.Attach(imageStore); err != nil {
				fmt.Fprintf(os.Stderr, "%v: going on without it\n", err)
			}
		}
		return s, nil
	}
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
