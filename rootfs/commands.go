package rootfs

import (
	"context"
	"errors"

	"bootrc/kit/command"
)

// Commands are the shell commands of this package.
func Commands() []command.Command {
	return []command.Command{{
		Name: "early-mounts", Args: "", Summary: "mount what every boot needs: /proc, /sys, /dev, /run, /tmp, cgroups…",
		Run: earlyMounts,
	}}
}

func earlyMounts(_ context.Context, call *command.Call) error {
	if len(call.Args) > 0 {
		return command.Usagef("unexpected argument %q", call.Args[0])
	}
	return errors.Join(
		MountAll(Essential),
		Hurry(),
		LinkDevices(),
		MountAll(Early),
		EnableControllers("/sys/fs/cgroup"),
	)
}
