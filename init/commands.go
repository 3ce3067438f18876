package main

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"bootrc/init/supervisor"
	"bootrc/kit/command"
	"bootrc/kit/device"
	"bootrc/kit/transport"
	"bootrc/kmod"
	"bootrc/network"
	"bootrc/oci"
	"bootrc/oci/container"
	"bootrc/oci/container/manage"
	"bootrc/oci/container/service"
	"bootrc/rootfs"
	"bootrc/rootfs/disk"
	"bootrc/rootfs/disk/cache"
	"bootrc/rootfs/disk/filesystem"
	"bootrc/rootfs/disk/nbd"
	"bootrc/rootfs/disk/swap"
	"bootrc/rootfs/volume"
	"bootrc/s3"
	"bootrc/sh/tools"
)

// group is commands of one subject.
type group struct {
	title    string
	commands []command.Command
}

// groups is the shell's table by subject. Those that go on in the background do
// so until ctx ends.
func groups(ctx context.Context) []group {
	openStore, openVolumes := storeOpener(), volumesOpener()
	runtime := container.Runtime{
		Bundles: filepath.Join(storage(), "containers"),
		State:   "/run/bootrc/containers",
		Records: "/run/bootrc/records",
		Secrets: "/run/bootrc/secrets",
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
	services := service.New(ctx, runtime, openStore)
	modules := kmod.NewRunning(ctx)
	return []group{
		{"Containers", slices.Concat(container.Commands(runtime, openStore, services.Detach), service.Commands(services), manage.Commands(runtime))},
		{"Images", slices.Concat(oci.Commands(openStore), oci.RegistryCommands())},
		{"Volumes", volume.Commands(openVolumes)},
		{"S3", s3.Commands(aliases())},
		{"Network", slices.Concat(network.Commands(ctx), transport.Commands())},
		{"Disks and mounts", slices.Concat(rootfs.Commands(), disk.Commands(), cache.Commands(modules.Idle),
			filesystem.Commands(ctx), swap.Commands(), nbd.Commands(ctx))},
		{"Kernel modules", slices.Concat(modules.Commands(), device.Commands(awaited...), device.Lists())},
		{"Basic tools", tools.Commands()},
	}
}

// commands is the shell's table.
func commands(ctx context.Context) []command.Command {
	var all []command.Command
	for _, g := range groups(ctx) {
		all = append(all, g.commands...)
	}
	return all
}

func isCommand(name string) bool {
	return name == "sh" || slices.ContainsFunc(commands(context.Background()), func(c command.Command) bool {
		return c.Name == name
	})
}
