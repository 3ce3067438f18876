package container

import (
	"fmt"
	"os"
	"strings"

	"github.com/moby/sys/devices"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// addHostDevices gives a container every device of the machine, as --privileged
// does.
func addHostDevices(spec *specs.Spec) error {
	found, err := devices.HostDevices()
	if err != nil {
		return fmt.Errorf("listing /dev: %w", err)
	}
	for _, d := range found {
		mode := os.FileMode(d.FileMode)
		// the container's own console takes this place
		if strings.HasPrefix(d.Path, "/dev/console") {
			continue
		}
		spec.Linux.Devices = append(spec.Linux.Devices, specs.LinuxDevice{
			Path: d.Path, Type: string(d.Type), Major: d.Major, Minor: d.Minor,
			FileMode: &mode, UID: &d.Uid, GID: &d.Gid,
		})
	}
	spec.Linux.Resources.Devices = []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}
	return nil
}
