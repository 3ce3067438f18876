package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/kconfig"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Namespace says whether a container has a namespace of its own: shared with the
// machine, private, none (of the network: private; of IPC: private, without
// /dev/shm), that of another container (container:NAME) or of a path (ns:PATH).
// "" is the default.
type Namespace string

const (
	nsHost    Namespace = "host"
	nsPrivate Namespace = "private"
	nsNone    Namespace = "none"

	otherContainer = "container:"
	namespacePath  = "ns:"
)

// namespaceKind is a kind of namespace that an option is about.
type namespaceKind struct {
	option string
	modes  []Namespace
	kind   specs.LinuxNamespaceType
	of     func(*Options) *Namespace
}

// kinds are all kinds, but that of users.
var kinds = []namespaceKind{
	{"network", []Namespace{nsHost, nsNone}, specs.NetworkNamespace, func(o *Options) *Namespace { return &o.Network }},
	{"pid", []Namespace{nsPrivate, nsHost}, specs.PIDNamespace, func(o *Options) *Namespace { return &o.PID }},
	{"ipc", []Namespace{nsPrivate, "shareable", nsHost, nsNone}, specs.IPCNamespace, func(o *Options) *Namespace { return &o.IPC }},
	{"uts", []Namespace{nsPrivate, nsHost}, specs.UTSNamespace, func(o *Options) *Namespace { return &o.UTS }},
	{"cgroupns", []Namespace{nsPrivate, nsHost}, specs.CgroupNamespace, func(o *Options) *Namespace { return &o.CgroupNS }},
}

var namespaces = slice{
	options: []command.Option{
		{Names: "--network, --net", Value: "host|none|container:NAME|ns:PATH", Default: "host", Check: checkNetwork,
			Help: "share the machine's network, have none, or share that of another container"},
		{Names: "--pid", Value: "private|host|container:NAME|ns:PATH", Default: "private", Check: checkNamespace("pid"),
			Help: "see its own processes, all of the machine, or another container's"},
		{Names: "--ipc", Value: "private|shareable|host|none|container:NAME|ns:PATH", Default: "private", Check: checkNamespace("ipc"),
			Help: "have its own shared memory and message queues, the machine's or another container's; none is private without /dev/shm"},
		{Names: "--uts", Value: "private|host|container:NAME|ns:PATH", Default: "private", Check: checkNamespace("uts"),
			Help: "have a host name of its own, the machine's or another container's"},
		{Names: "--cgroupns", Value: "private|host|container:NAME|ns:PATH", Default: "private", Check: checkNamespace("cgroupns"),
			Help: "see its own control groups, all of the machine, or another container's"},
	},
	read:  readNamespaces,
	write: writeNamespaces,
}

func checkNamespace(option string) func(string) error {
	return func(text string) error {
		i := slices.IndexFunc(kinds, func(k namespaceKind) bool { return k.option == option })
		if text == "" || isShared(text) || slices.Contains(kinds[i].modes, Namespace(text)) {
			return nil
		}
		var modes []string
		for _, m := range kinds[i].modes {
			modes = append(modes, string(m))
		}
		return fmt.Errorf("expected %s, container:NAME or ns:PATH, got %q", strings.Join(modes, ", "), text)
	}
}

// isShared tells whether the mode names another container, or a path.
func isShared(mode string) bool {
	for _, prefix := range []string{otherContainer, namespacePath} {
		if rest, ok := strings.CutPrefix(mode, prefix); ok && rest != "" {
			return true
		}
	}
	return false
}

func checkNetwork(text string) error {
	if checkNamespace("network")(text) != nil {
		return fmt.Errorf("%s: containers share the machine's network: give host, none, container:NAME or ns:PATH", text)
	}
	return nil
}

func readNamespaces(call *command.Call, v *Invocation) error {
	o := &v.Options
	for _, k := range kinds {
		if call.Has(k.option) {
			*k.of(o) = Namespace(call.Text(k.option))
		}
	}
	switch {
	case (o.UTS == nsHost || isShared(string(o.UTS))) && o.Hostname != "":
		return command.Usagef("--hostname cannot be set with --uts=%s", o.UTS)
	case o.IPC == nsHost && call.Has("shm-size"):
		return command.Usagef("--shm-size conflicts with --ipc=host")
	}
	return nil
}

// writeNamespaces lists the namespaces that a container does not share with the machine.
func writeNamespaces(d *draft) error {
	list := []specs.LinuxNamespace{{Type: specs.MountNamespace}}
	for _, k := range kinds {
		mode := *k.of(&d.options)
		if mode == nsHost || mode == "" && k.kind == specs.NetworkNamespace {
			continue
		}
		path, err := d.namespace(string(mode), k.kind)
		if err != nil {
			return fmt.Errorf("--%s=%s: %w", k.option, mode, err)
		}
		list = append(list, specs.LinuxNamespace{Type: k.kind, Path: path})
	}
	d.Linux.Namespaces = list
	return haveKinds(list)
}

// haveKinds fails where the kernel does not have a kind of namespace.
func haveKinds(list []specs.LinuxNamespace) error {
	for _, n := range list {
		kind := kernelNames[n.Type]
		if _, err := os.Stat("/proc/self/ns/" + kind.file); errors.Is(err, fs.ErrNotExist) {
			return kconfig.Lacks(string(n.Type)+" namespaces", kind.symbol)
		}
	}
	return nil
}

// namespace returns the path of a namespace that is there already, or "" for a new one.
func (d *draft) namespace(mode string, kind specs.LinuxNamespaceType) (string, error) {
	if path, ok := strings.CutPrefix(mode, namespacePath); ok {
		return path, nil
	}
	name, ok := strings.CutPrefix(mode, otherContainer)
	if !ok {
		return "", nil
	}
	pid, err := d.runtime.processOf(name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/proc/%d/ns/%s", pid, kernelNames[kind].file), nil
}

// kernelNames are the file of each kind in /proc/PID/ns (namespaces(7)), and what the kernel has it by.
var kernelNames = map[specs.LinuxNamespaceType]struct{ file, symbol string }{
	specs.MountNamespace: {"mnt", "NAMESPACES"}, specs.PIDNamespace: {"pid", "PID_NS"}, specs.IPCNamespace: {"ipc", "IPC_NS"},
	specs.UTSNamespace: {"uts", "UTS_NS"}, specs.CgroupNamespace: {"cgroup", "CGROUPS"}, specs.NetworkNamespace: {"net", "NET_NS"},
	specs.UserNamespace: {"user", "USER_NS"},
}
