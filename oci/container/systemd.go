package container

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/size"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// SystemdMode says whether a container is prepared for systemd: "true" (where
// its command is systemd's, also ""), "false" or "always".
type SystemdMode string

const (
	systemdTrue   SystemdMode = "true"
	systemdFalse  SystemdMode = "false"
	systemdAlways SystemdMode = "always"
)

// systemdStopSignal is SIGRTMIN+3, at which systemd shuts down (systemd(1),
// "Signals").
const systemdStopSignal unix.Signal = firstRealTimeSignal + 3

var systemd = slice{
	options: []command.Option{{Names: "--shm-size-systemd", Value: "SIZE", Check: check(size.ParseMemory),
		Help: "let each folder in memory that systemd gets hold SIZE (default: half of the machine's memory)"},
		{Names: "--systemd", Value: "true|false|always", Kind: command.Choice, Default: "true",
			Help: "prepare it for systemd: where its command is systemd's, never or always"}},
	read: func(call *command.Call, v *Invocation) error {
		if call.Has("systemd") {
			v.Options.Systemd = SystemdMode(call.Text("systemd"))
		}
		v.Options.SystemdSize, _ = size.ParseMemory(call.Text("shm-size-systemd"))
		return nil
	},
	write: writeSystemd,
}

// runs tells whether the mode prepares a container with these arguments.
func (m SystemdMode) runs(args []string) bool {
	if m == systemdFalse || m == systemdAlways {
		return m == systemdAlways
	}
	if len(args) > 2 && args[0] == "/bin/sh" && args[1] == "-c" {
		args = args[2:]
	}
	switch args[0] {
	case "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init":
		return true
	}
	return path.Base(args[0]) == "systemd"
}

func writeSystemd(d *draft) error {
	if d.options.Systemd.runs(d.command) {
		prepareSystemd(d.Spec, d.name, d.options.SystemdSize)
	}
	return nil
}

// prepareSystemd gives a container what systemd expects of one (podman-run(1),
// --systemd, and systemd's "Container Interface").
func prepareSystemd(spec *specs.Spec, id string, bytes int64) {
	if !slices.ContainsFunc(spec.Process.Env, func(v string) bool { return strings.HasPrefix(v, "container_uuid=") }) {
		spec.Process.Env = append(spec.Process.Env, "container_uuid="+uuidOf(id))
	}
	for _, folder := range []string{"/run", "/run/lock", "/tmp", "/var/log/journal"} {
		if !isMounted(spec.Mounts, folder) {
			m := tmpfsMount(folder)
			if bytes > 0 {
				m.Options = append(m.Options, "size="+strconv.FormatInt(bytes, 10))
			}
			spec.Mounts = append(spec.Mounts, m)
		}
	}
	for i, m := range spec.Mounts {
		if m.Type == "cgroup" {
			spec.Mounts[i].Options = slices.DeleteFunc(slices.Clone(m.Options), func(o string) bool { return o == "ro" })
		}
	}
}

func tmpfsMount(folder string) specs.Mount {
	return specs.Mount{Destination: folder, Type: "tmpfs", Source: "tmpfs", Options: []string{"rw", "rprivate", "nosuid", "nodev", "tmpcopyup"}}
}

// uuidOf makes 32 hexadecimal digits of a text.
func uuidOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// virtualConsoles are the devices on which systemd would start logins, beside
// whoever has the machine's screen.
func virtualConsoles() []string {
	var names []string
	for n := range 64 {
		names = append(names, "tty"+strconv.Itoa(n))
	}
	return names
}
