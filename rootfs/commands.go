package rootfs

import (
	"context"
	"errors"

	"bootrc/kit/command"
)

// Commands are the shell commands of this package.
func Commands() []command.Command {
	return []command.Command{{
		Name: "early-mounts", Summary: "mount what every boot needs: /proc, /sys, /dev, /run, /tmp, cgroups…",
		Run: earlyMounts,
	}}
}

func earlyMounts(context.Context, *command.Call) error {
	return errors.Join(
		MountAll(Essential),
		Hurry(),
		LinkDevices(),
		MountAll(Early),
		EnableControllers("/sys/fs/cgroup"),
	)
}
