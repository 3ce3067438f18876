package container

import (
	"fmt"
	"slices"
	"strings"
)

// refused are podman-run(1)'s other options, by why: what they ask for is not done here, and
// nobody is left to believe that it was.
var refused = []struct{ names, reason string }{
	{"ip ip6 link-local-ip mac-address network-alias", "containers share the machine's network, and its addresses: b2c.iface= gives more"},
	{"pod pod-id-file", "there are no pods: services stand beside a container, b2c.run_service="},
	{"requires", "containers run in the order in which they are given"},
	{"subuidname subgidname", "there is no /etc/subuid: give --uidmap or --userns"},
	{"preserve-fd preserve-fds", "a container has its standard streams alone"},
	{"rootfs", "images come from registries, archives and stores: give oci:PATH or docker-archive:PATH"},
	{"decryption-key", "encrypted images are not read"},
	{"chrootdirs rdt-class", "it is not done here"},
}

// refusal is the error for one of those options, or nil for another.
func refusal(typed string) error {
	name := strings.TrimLeft(typed, "-")
	for _, r := range refused {
		if slices.Contains(strings.Fields(r.names), name) {
			return fmt.Errorf("%s is not supported: %s", typed, r.reason)
		}
	}
	return nil
}
