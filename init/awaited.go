package main

import (
	"context"
	"os"

	"bootrc/kit/device"
	"bootrc/network"
	"bootrc/rootfs"
	"bootrc/rootfs/disk"
)

// awaited is what `wait-for` waits for.
var awaited = []device.Awaited{
	{
		Kind: "disk", Help: "wait for a disk or partition, and print its path",
		Names: "any|/dev/NAME|UUID=UUID|LABEL=LABEL|PARTUUID=UUID|PARTLABEL=LABEL|SERIAL=NUMBER",
		Wait:  disk.Await, Seen: func() string { return device.Seen(device.Storage) },
	},
	{
		Kind: "interface", Help: "wait for a network interface, or for any that has a cable in it, and print its name",
		Names: "any|NAME",
		Wait:  network.AwaitInterface, Seen: func() string { return device.Seen(device.Network) },
	},
	{
		Kind: "file", Help: "wait for a file", Names: "PATH", Paths: true,
		Wait: func(ctx context.Context, path string) (string, error) {
			return path, device.Wait(ctx, func() bool {
				_, err := os.Stat(path)
				return err == nil
			})
		},
	},
	{
		Kind: "mount", Help: "wait until something is mounted on a folder", Names: "FOLDER", Paths: true,
		Wait: func(ctx context.Context, folder string) (string, error) {
			return folder, device.Wait(ctx, func() bool {
				mounted, err := rootfs.IsMountPoint(folder)
				return err == nil && mounted
			})
		},
	},
}
