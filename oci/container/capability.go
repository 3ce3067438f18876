package container

import (
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/command"

	"github.com/moby/sys/capability"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// defaultCapabilities is podman's default_capabilities (containers.conf(5)).
var defaultCapabilities = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
	"CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
}

const allCapabilities = "ALL"

var capabilities = slice{
	options: []command.Option{
		{Names: "--privileged", Help: "give it all capabilities and devices, and hide nothing"},
		{Names: "--cap-add", Value: "CAPABILITY", Kind: command.Commas, Check: check(parseCapability), Help: "give it CAPABILITY as well, or all"},
		{Names: "--cap-drop", Value: "CAPABILITY", Kind: command.Commas, Check: check(parseCapability), Help: "take CAPABILITY from it, or all"},
	},
	read: func(call *command.Call, v *Invocation) error {
		o := &v.Options
		o.Privileged = call.Flag("privileged")
		for option, text := range call.Given("cap-add", "cap-drop") {
			name, _ := parseCapability(text)
			if option == "cap-add" {
				o.AddCapabilities = append(o.AddCapabilities, name)
			} else {
				o.DropCapabilities = append(o.DropCapabilities, name)
			}
		}
		return checkContradiction(*o)
	},
	write: writeCapabilities,
}

// parseCapability takes a name in any case, with or without CAP_, or all.
func parseCapability(text string) (string, error) {
	name := strings.ToUpper(strings.TrimSpace(text))
	if name == allCapabilities {
		return name, nil
	}
	name = "CAP_" + strings.TrimPrefix(name, "CAP_")
	known := slices.ContainsFunc(capability.ListKnown(), func(c capability.Cap) bool { return capabilityName(c) == name })
	if !known {
		return "", fmt.Errorf("%q: unknown capability", name)
	}
	return name, nil
}

func capabilityName(c capability.Cap) string { return "CAP_" + strings.ToUpper(c.String()) }

// checkContradiction refuses what is both added and dropped.
func checkContradiction(o Options) error {
	for _, name := range o.AddCapabilities {
		if slices.Contains(o.DropCapabilities, name) {
			return command.Usagef("capability %q cannot be dropped and added", name)
		}
	}
	return nil
}

func writeCapabilities(d *draft) error {
	d.Process.Capabilities = capabilitySets(d.options, d.user.uid)
	return nil
}

// capabilitySets gives a user other than root only what was added, and the rest as
// the bounding set, as podman does: its programs gain that by set-uid or file
// capabilities. --privileged is more than can be added or dropped.
func capabilitySets(o Options, uid uint32) *specs.LinuxCapabilities {
	if o.Privileged {
		granted := ownedCapabilities()
		if uid != 0 {
			return &specs.LinuxCapabilities{Bounding: granted}
		}
		return &specs.LinuxCapabilities{Bounding: granted, Effective: granted, Permitted: granted}
	}
	granted := grantedCapabilities(o)
	if uid == 0 {
		return &specs.LinuxCapabilities{Bounding: granted, Effective: granted, Permitted: granted}
	}
	var added []string
	for _, name := range o.AddCapabilities {
		if name == allCapabilities {
			added = ownedCapabilities()
			break
		}
		added = append(added, name)
	}
	return &specs.LinuxCapabilities{Bounding: granted, Effective: added, Permitted: added, Inheritable: added, Ambient: added}
}

// grantedCapabilities is the default set with what was added and dropped; "all"
// is taken first, and single names from or to it.
func grantedCapabilities(o Options) []string {
	granted := slices.Clone(defaultCapabilities)
	switch {
	case slices.Contains(o.DropCapabilities, allCapabilities):
		granted = nil
	case slices.Contains(o.AddCapabilities, allCapabilities):
		granted = ownedCapabilities()
	}
	for _, name := range o.AddCapabilities {
		if name != allCapabilities && !slices.Contains(granted, name) {
			granted = append(granted, name)
		}
	}
	return slices.DeleteFunc(granted, func(name string) bool { return slices.Contains(o.DropCapabilities, name) })
}

// ownedCapabilities are those of this process: a container can get no others.
func ownedCapabilities() []string {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return defaultCapabilities
	}
	owned := uint64(data[1].Permitted)<<32 | uint64(data[0].Permitted)
	var names []string
	for _, c := range capability.ListKnown() {
		if owned&(1<<c) != 0 {
			names = append(names, capabilityName(c))
		}
	}
	return names
}
