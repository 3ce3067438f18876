package container

import (
	"bootrc/oci/container/bundle"

	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// draft is a container on its way: its specification, and what that is made from.
type draft struct {
	*specs.Spec
	name    string
	image   Image
	options Options
	bundle  *bundle.Bundle
	volume  func(name string) (folder string, err error) // Runtime.Volume

	// What slices find out for those that follow.
	user     user
	hostname string
	limits   []configs.Rlimit
}

// specSlices write a container down, each its own subject, in this order: a later one may
// rely on what an earlier one has written.
var specSlices = []func(*draft) error{
	writeUser,
	writeHostname,
	writeProcess,
	writeEnvironment,
	writeLimits,
	writeCapabilities,
	writeNamespaces,
	writeResources,
	writeUsualMounts,
	writeSystemd,
	writeMounts,
	writeWorkdir,
	writeSecurity,
	writeDevices,
	writeResolver,
}

// write writes the container down as the OCI runtime-spec does, with podman's
// defaults, and makes in its bundle what the specification names.
func (d *draft) write() error {
	d.Spec = &specs.Spec{
		Version:     specs.Version,
		Annotations: d.options.Annotations,
		Root:        &specs.Root{Path: d.bundle.Root(), Readonly: d.options.ReadOnly},
		Process:     &specs.Process{},
		// two runtimes with folders of their own may have containers of one name
		Linux: &specs.Linux{CgroupsPath: "/bootrc-" + d.name + "-" + uuidOf(d.bundle.Root())[:8]},
	}
	for _, slice := range specSlices {
		if err := slice(d); err != nil {
			return err
		}
	}
	return nil
}
