package container

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/moby/sys/capability"
	"github.com/opencontainers/runtime-spec/specs-go"
)

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// newSpec writes the container down as the OCI runtime-spec does, with podman's
// defaults.
func newSpec(id, root string, image Image, o Options) (*specs.Spec, error) {
	args, err := arguments(image, o)
	if err != nil {
		return nil, err
	}
	user, err := lookUpUser(root, firstOf(o.User, image.Config.User))
	if err != nil {
		return nil, err
	}
	hostname, err := hostname(o)
	if err != nil {
		return nil, err
	}
	namespaces, err := namespaces(o)
	if err != nil {
		return nil, err
	}
	spec := &specs.Spec{
		Version:  specs.Version,
		Hostname: hostname,
		Root:     &specs.Root{Path: root},
		Process: &specs.Process{
			User:         specs.User{UID: user.uid, GID: user.gid, AdditionalGids: user.groups},
			Args:         args,
			Env:          environment(image, o, user, hostname),
			Cwd:          workdir(image, o),
			Capabilities: capabilities(o, user.uid),
			Rlimits:      []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 1 << 20, Hard: 1 << 20}},
		},
		Mounts: mounts(o),
		Linux: &specs.Linux{
			CgroupsPath: "/bootrc-" + id,
			Namespaces:  namespaces,
			Resources:   &specs.LinuxResources{},
		},
	}
	if !o.Privileged {
		hideKernel(spec.Linux)
	}
	return spec, nil
}

// arguments joins entrypoint and command as podman does: a new entrypoint
// replaces the image's command too.
func arguments(image Image, o Options) ([]string, error) {
	entrypoint, command := image.Config.Entrypoint, image.Config.Cmd
	if o.Entrypoint != nil {
		entrypoint, command = nil, nil
		if *o.Entrypoint != "" {
			entrypoint = []string{*o.Entrypoint}
		}
	}
	if len(o.Command) > 0 {
		command = o.Command
	}
	args := slices.Concat(entrypoint, command)
	if len(args) == 0 {
		return nil, fmt.Errorf("%s: no command given, and the image has none", image.Name)
	}
	return args, nil
}

func environment(image Image, o Options, user user, hostname string) []string {
	env := []string{defaultPath, "container=oci", "HOSTNAME=" + hostname, "HOME=" + user.home}
	for _, list := range [][]string{image.Config.Env, o.Env} {
		for _, variable := range list {
			env = setVariable(env, variable)
		}
	}
	return env
}

func setVariable(env []string, variable string) []string {
	name, _, _ := strings.Cut(variable, "=")
	for i, v := range env {
		if strings.HasPrefix(v, name+"=") {
			env[i] = variable
			return env
		}
	}
	return append(env, variable)
}

func workdir(image Image, o Options) string {
	return path.Clean("/" + firstOf(o.Workdir, image.Config.WorkingDir))
}

func hostname(o Options) (string, error) {
	if o.Hostname != "" {
		return o.Hostname, nil
	}
	return os.Hostname()
}

func namespaces(o Options) ([]specs.LinuxNamespace, error) {
	list := []specs.LinuxNamespace{
		{Type: specs.MountNamespace},
		{Type: specs.PIDNamespace},
		{Type: specs.IPCNamespace},
		{Type: specs.UTSNamespace},
		{Type: specs.CgroupNamespace},
	}
	switch o.Network {
	case "host":
	case "none":
		list = append(list, specs.LinuxNamespace{Type: specs.NetworkNamespace})
	default:
		return nil, fmt.Errorf("--network=%s is not supported: host or none", o.Network)
	}
	return list, nil
}

// defaultCapabilities is podman's default_capabilities (containers.conf(5)).
var defaultCapabilities = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
	"CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
}

// capabilities gives a user other than root only the bounding set, as podman
// does: its programs gain the rest by set-uid or file capabilities.
func capabilities(o Options, uid uint32) *specs.LinuxCapabilities {
	granted := defaultCapabilities
	if o.Privileged {
		granted = supportedCapabilities()
	}
	if uid != 0 {
		return &specs.LinuxCapabilities{Bounding: granted}
	}
	return &specs.LinuxCapabilities{Bounding: granted, Effective: granted, Permitted: granted}
}

func supportedCapabilities() []string {
	supported, err := capability.ListSupported()
	if err != nil {
		return defaultCapabilities
	}
	names := make([]string, len(supported))
	for i, c := range supported {
		names[i] = "CAP_" + strings.ToUpper(c.String())
	}
	return names
}

// hideKernel keeps a container without --privileged from what describes or
// steers the machine, as podman does.
func hideKernel(l *specs.Linux) {
	l.MaskedPaths = []string{
		"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
		"/proc/timer_list", "/proc/timer_stats", "/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware",
		"/sys/fs/selinux",
	}
	l.ReadonlyPaths = []string{
		"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
