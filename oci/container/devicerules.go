package container

import (
	"github.com/opencontainers/cgroups"
	_ "github.com/opencontainers/cgroups/devices" // the rules for devices, which libcontainer leaves out otherwise
	rules "github.com/opencontainers/cgroups/devices/config"
)

// A cgroup without a program lets every device pass (cgroup-v2.rst, "Device
// controller"). Loading one that does the same takes 0.04 s of a container's 0.3
// where instructions are translated, and a kernel with CONFIG_CGROUP_BPF.
func init() {
	load := cgroups.DevicesSetV2
	cgroups.DevicesSetV2 = func(path string, r *cgroups.Resources) error {
		if allowAll(r.Devices) {
			return nil
		}
		return load(path, r)
	}
}

// allowAll tells whether the rules deny nothing; a later rule overrides earlier ones.
func allowAll(list []*rules.Rule) bool {
	all := false
	for _, r := range list {
		switch {
		case r.Type == rules.WildcardDevice:
			all = r.Allow
		case !r.Allow:
			all = false
		}
	}
	return all
}
