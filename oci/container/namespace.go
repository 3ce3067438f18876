package container

import (
	"errors"
	"io/fs"
	"os"

	"bootrc/kit/command"
	"bootrc/kit/kconfig"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Namespace says whether a container has a namespace of its own: shared with the
// machine, private, or none (of the network: private; of IPC: private, without
// /dev/shm). "" is the default.
type Namespace string

const (
	nsHost    Namespace = "host"
	nsPrivate Namespace = "private"
	nsNone    Namespace = "none"
)

var namespaces = slice{
	options: []command.Option{
		{Names: "--network, --net", Value: "host|none", Kind: command.Choice, Default: "host", Help: "share the machine's network, or have none"},
		{Names: "--pid", Value: "private|host", Kind: command.Choice, Default: "private", Help: "see its own processes, or all of the machine"},
		{Names: "--ipc", Value: "private|shareable|host|none", Kind: command.Choice, Default: "private",
			Help: "have its own shared memory and message queues, or the machine's; none is private without /dev/shm"},
		{Names: "--uts", Value: "private|host", Kind: command.Choice, Default: "private", Help: "have a host name of its own, or the machine's"},
		{Names: "--cgroupns", Value: "private|host", Kind: command.Choice, Default: "private", Help: "see its own control groups, or all of the machine"},
		{Names: "--userns", Value: "host", Kind: command.Choice, Default: "host", Help: "have the machine's users"},
	},
	read:  readNamespaces,
	write: writeNamespaces,
}

func readNamespaces(call *command.Call, v *Invocation) error {
	o := &v.Options
	for name, to := range map[string]*Namespace{"network": &o.Network, "pid": &o.PID, "ipc": &o.IPC, "uts": &o.UTS, "cgroupns": &o.CgroupNS} {
		if call.Has(name) {
			*to = Namespace(call.Text(name))
		}
	}
	switch {
	case o.UTS == nsHost && o.Hostname != "":
		return command.Usagef("--hostname cannot be set with --uts=host")
	case o.IPC == nsHost && call.Has("shm-size"):
		return command.Usagef("--shm-size conflicts with --ipc=host")
	}
	return nil
}

func writeNamespaces(d *draft) error {
	d.Linux.Namespaces = newNamespaces(d.options)
	for _, n := range d.Linux.Namespaces {
		kind := namespaceKinds[n.Type]
		if _, err := os.Stat("/proc/self/ns/" + kind.file); errors.Is(err, fs.ErrNotExist) {
			return kconfig.Lacks(string(n.Type)+" namespaces", kind.symbol)
		}
	}
	return nil
}

// namespaceKinds are the file of each kind in /proc/self/ns (namespaces(7)), and what the kernel has it by.
var namespaceKinds = map[specs.LinuxNamespaceType]struct{ file, symbol string }{
	specs.MountNamespace: {"mnt", "NAMESPACES"}, specs.PIDNamespace: {"pid", "PID_NS"}, specs.IPCNamespace: {"ipc", "IPC_NS"},
	specs.UTSNamespace: {"uts", "UTS_NS"}, specs.CgroupNamespace: {"cgroup", "CGROUPS"}, specs.NetworkNamespace: {"net", "NET_NS"},
}

func newNamespaces(o Options) []specs.LinuxNamespace {
	list := []specs.LinuxNamespace{{Type: specs.MountNamespace}}
	for _, n := range []struct {
		mode Namespace
		kind specs.LinuxNamespaceType
	}{
		{o.PID, specs.PIDNamespace},
		{o.IPC, specs.IPCNamespace},
		{o.UTS, specs.UTSNamespace},
		{o.CgroupNS, specs.CgroupNamespace},
	} {
		if n.mode != nsHost {
			list = append(list, specs.LinuxNamespace{Type: n.kind})
		}
	}
	if o.Network == nsNone {
		list = append(list, specs.LinuxNamespace{Type: specs.NetworkNamespace})
	}
	return list
}
