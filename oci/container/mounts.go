package container

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/order"
	"bootrc/kit/size"

	"github.com/opencontainers/runtime-spec/specs-go"
)

var usualMounts = slice{
	options: []command.Option{
		{Names: "--read-only", Help: "let it change nothing of the image"},
		{Names: "--read-only-tmpfs", Default: "true", Help: "with --read-only, mount memory on /run, /tmp and /var/tmp"},
		{Names: "--shm-size", Value: "SIZE", Check: check(size.ParseMemory), Default: "64m", Help: "let /dev/shm hold SIZE"},
	},
	read: func(call *command.Call, v *Invocation) error {
		o := &v.Options
		o.ReadOnly, o.ReadOnlyTmpfs = call.Flag("read-only"), call.Flag("read-only-tmpfs")
		if call.Has("shm-size") {
			n, _ := size.ParseMemory(call.Text("shm-size"))
			o.ShmSize = strconv.FormatInt(n, 10)
		}
		return nil
	},
	write: writeUsualMounts,
}

func writeUsualMounts(d *draft) error {
	d.Mounts = newMounts(d.options)
	if len(d.users.UIDs) > 0 && d.options.Network != nsNone {
		bindSys(d.Mounts)
	}
	if name, ok := strings.CutPrefix(string(d.options.IPC), otherContainer); ok {
		pid, err := d.runtime.processOf(name)
		if err != nil {
			return err
		}
		shm, err := d.bundle.BindOf(pid, "/dev/shm")
		if err != nil {
			return fmt.Errorf("--ipc=%s: %w", d.options.IPC, err)
		}
		bindSharedMemory(d.Mounts, shm)
	}
	return d.bundle.Link("/etc/mtab", "/proc/mounts")
}

// newMounts is what podman mounts into every container.
func newMounts(o Options) []specs.Mount {
	protected := []string{"nosuid", "noexec", "nodev"}
	access := "ro"
	if o.Privileged {
		access = "rw"
	}
	list := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: slices.Concat(protected, o.Security.ProcOptions)},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs",
			Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: append([]string{access}, protected...)},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts",
			Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: protected},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm",
			Options: append([]string{"mode=1777", "size=" + shmSize(o)}, protected...)},
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup",
			Options: append([]string{access, "relatime"}, protected...)},
	}
	list = shareIPC(list, o.IPC)
	if o.Privileged {
		known, _ := os.ReadFile("/proc/filesystems")
		list = append(list, machineMounts(string(known), isThere)...)
	}
	if o.ReadOnly && o.ReadOnlyTmpfs {
		for _, folder := range []string{"/run", "/tmp", "/var/tmp"} {
			list = append(list, tmpfsMount(folder))
		}
	}
	return list
}

// machineMounts are what --privileged shows of the machine below /sys, as far as the kernel
// has it: without a driver, such as that of EFI's variables, the mount would fail.
func machineMounts(filesystems string, isThere func(string) bool) (list []specs.Mount) {
	known := strings.Fields(filesystems)
	for folder, kind := range map[string]string{"/sys/firmware/efi/efivars": "efivarfs", "/sys/kernel/security": "securityfs"} {
		if slices.Contains(known, kind) && isThere(folder) {
			list = append(list, specs.Mount{Destination: folder, Type: kind, Source: kind, Options: []string{"rw", "nosuid", "noexec", "nodev"}})
		}
	}
	return list
}

func isThere(folder string) bool {
	_, err := os.Stat(folder)
	return err == nil
}

func shmSize(o Options) string {
	if o.ShmSize == "" {
		return "65536k"
	}
	return o.ShmSize
}

// shareIPC mounts the machine's shared memory with --ipc=host, and none with --ipc=none.
// Message queues are those of the namespace in which they are mounted.
func shareIPC(list []specs.Mount, ipc Namespace) []specs.Mount {
	shm := slices.IndexFunc(list, func(m specs.Mount) bool { return m.Destination == "/dev/shm" })
	switch ipc {
	case nsNone:
		return slices.Delete(list, shm, shm+1)
	case nsHost:
		bindSharedMemory(list, "/dev/shm")
	}
	return list
}

// bindSys mounts the machine's /sys, because a sysfs is mounted by none but the users whose network it shows.
func bindSys(list []specs.Mount) {
	i := slices.IndexFunc(list, func(m specs.Mount) bool { return m.Destination == "/sys" })
	list[i].Type, list[i].Source = "bind", "/sys"
	list[i].Options = append([]string{"rbind", "rprivate"}, list[i].Options...)
}

// bindSharedMemory mounts the shared memory of the machine or of another container.
func bindSharedMemory(list []specs.Mount, source string) {
	shm := slices.IndexFunc(list, func(m specs.Mount) bool { return m.Destination == "/dev/shm" })
	list[shm] = specs.Mount{Destination: "/dev/shm", Type: "bind", Source: source,
		Options: []string{"rbind", "rprivate", "nosuid", "noexec", "nodev"}}
}

// addMounts adds what was asked for in place of what is mounted there otherwise.
// A /dev of the user's leaves nothing of the usual one. Parents come first.
func addMounts(spec *specs.Spec, wanted []specs.Mount) {
	if len(wanted) == 0 {
		return
	}
	ownDev := isMounted(wanted, "/dev")
	spec.Mounts = slices.DeleteFunc(spec.Mounts, func(m specs.Mount) bool {
		return isMounted(wanted, m.Destination) || ownDev && strings.HasPrefix(m.Destination, "/dev/")
	})
	spec.Mounts = append(spec.Mounts, wanted...)
	order.By(spec.Mounts, func(a, b specs.Mount) int {
		return strings.Count(a.Destination, "/") - strings.Count(b.Destination, "/")
	})
	for _, m := range wanted {
		switch {
		case slices.Contains(m.Options, "shared") || slices.Contains(m.Options, "rshared"):
			spec.Linux.RootfsPropagation = "rshared"
		case spec.Linux.RootfsPropagation == "" && (slices.Contains(m.Options, "slave") || slices.Contains(m.Options, "rslave")):
			spec.Linux.RootfsPropagation = "rslave"
		}
	}
}

func isMounted(mounts []specs.Mount, destination string) bool {
	return slices.ContainsFunc(mounts, func(m specs.Mount) bool { return m.Destination == destination })
}
