package container

import "github.com/opencontainers/runtime-spec/specs-go"

// mounts is what podman mounts into every container, and then what was asked for.
func mounts(o Options) []specs.Mount {
	protected := []string{"nosuid", "noexec", "nodev"}
	access := "ro"
	if o.Privileged {
		access = "rw"
	}
	list := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: protected},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs",
			Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: append([]string{access}, protected...)},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts",
			Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: protected},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm",
			Options: append([]string{"mode=1777", "size=65536k"}, protected...)},
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup",
			Options: append([]string{access, "relatime"}, protected...)},
	}
	for _, b := range o.Volumes {
		list = append(list, specs.Mount{Destination: b.Destination, Type: "bind", Source: b.Source,
			Options: append([]string{"rbind", "rprivate"}, b.Options...)})
	}
	return list
}
