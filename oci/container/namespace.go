package container

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/spf13/pflag"
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

func addNamespaceFlags(f *pflag.FlagSet, o *Options) {
	userns := Namespace("")
	for _, n := range []struct {
		to    *Namespace
		name  string
		modes []Namespace
	}{
		{&o.Network, "network", []Namespace{nsHost, nsNone}},
		{&o.PID, "pid", []Namespace{nsPrivate, nsHost}},
		{&o.IPC, "ipc", []Namespace{nsPrivate, "shareable", nsHost, nsNone}},
		{&o.UTS, "uts", []Namespace{nsPrivate, nsHost}},
		{&o.CgroupNS, "cgroupns", []Namespace{nsPrivate, nsHost}},
		{&userns, "userns", []Namespace{nsHost}},
	} {
		f.Func(n.name, among(n.modes), func(text string) error {
			mode := Namespace(text)
			if !slices.Contains(n.modes, mode) {
				return fmt.Errorf("not supported: %s", among(n.modes))
			}
			*n.to = mode
			return nil
		})
	}
}

// among names the choices: "private, host or none".
func among[T ~string](choices []T) string {
	var b strings.Builder
	for i, c := range choices {
		switch {
		case i > 0 && i == len(choices)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(c))
	}
	return b.String()
}

func writeNamespaces(d *draft) error {
	d.Linux.Namespaces = namespaces(d.options)
	return nil
}

func namespaces(o Options) []specs.LinuxNamespace {
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
