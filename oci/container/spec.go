package container

import (
	"os"

	"bootrc/kit/command"
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
	runtime Runtime

	// What slices find out for those that follow.
	user     user
	users    UserNamespace // with mappings that are known
	hostname string
	dev      string        // the folder of a /dev with the machine's devices, "" without one
	command  []string      // of the container, without what --init puts before it
	volumes  []specs.Mount // that were asked for, or declared by the image
	limits   []configs.Rlimit
	secret   []string // names of variables that nobody is shown
	choosing *os.File // locked until the users that it has are known, or nil
}

// slice is one subject of a container: the options that are about it, and its part of
// the specification, as containerd's SpecOpts are.
type slice struct {
	options []command.Option
	read    func(*command.Call, *Invocation) error // what the options mean; may be nil
	write   func(*draft) error                     // may be nil
}

// subjects are all slices. They are written in this order: a later one may rely on
// what an earlier one has found out or written.
var subjects = []slice{
	identity, origin, background, annotations, withoutEffect,
	person, hostname, process, environment, limits, capabilities,
	namespaces, users, resources, blockIO, usualMounts, systemd, mounts, sharedVolumes, secrets, script, workdir,
	security, devices, resolver, timezone, initProcess, ending, health,
}

// groupOf is the control group of a container with that root: two runtimes with folders of
// their own may have containers of one name.
func groupOf(root, name string) string { return "/bootrc-" + name + "-" + uuidOf(root)[:8] }

// write writes the container down as the OCI runtime-spec does, with podman's
// defaults, and makes in its bundle what the specification names.
func (d *draft) write() error {
	d.Spec = &specs.Spec{
		Version: specs.Version,
		Root:    &specs.Root{Path: d.bundle.Root(), Readonly: d.options.ReadOnly},
		Process: &specs.Process{},
		Linux:   &specs.Linux{CgroupsPath: groupOf(d.bundle.Root(), d.name)},
	}
	for _, s := range subjects {
		if s.write == nil {
			continue
		}
		if err := s.write(d); err != nil {
			return err
		}
	}
	if d.users.isSame() {
		return nil
	}
	return d.bundle.Map(d.users.UIDs, d.users.GIDs)
}
