package rootfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"bootrc/kit/command"
)

// Commands are the shell commands of this package.
func Commands() []command.Command {
	return []command.Command{{
		Name: "early-mounts", Summary: "mount what every boot needs: /proc, /sys, /dev, /run, /tmp, cgroups…",
		Run: earlyMounts,
	}}
}

func earlyMounts(_ context.Context, call *command.Call) error {
	cut, at, err := MakeRoom("/")
	if cut {
		call.Warn(fmt.Sprintf("the initramfs does not fit into this machine's memory, and is cut off at %s: "+
			"give it more memory, or pack fewer modules (mkinitramfs.sh --modules-for)", cmp.Or(at, "its end")))
	}
	return errors.Join(
		err,
		MountAll(Essential),
		Hurry(),
		LinkDevices(),
		MountAll(Early),
		EnableControllers("/sys/fs/cgroup"),
	)
}
