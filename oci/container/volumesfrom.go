package container

import (
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/command"

	"github.com/opencontainers/runtime-spec/specs-go"
)

var sharedVolumes = slice{
	options: []command.Option{{Names: "--volumes-from", Value: "CONTAINER[:OPTIONS]", Kind: command.List, Check: checkQuoting(parseVolumesFrom),
		Help: "mount what a running container has mounted by --volume, --mount and its image, in the same places"}},
	read: func(call *command.Call, v *Invocation) error {
		for _, text := range call.List("volumes-from") {
			from, _ := parseVolumesFrom(text)
			v.Options.VolumesFrom = append(v.Options.VolumesFrom, from)
		}
		return nil
	},
	write: writeSharedVolumes,
}

// VolumesFrom is a container whose volumes another one has, too.
type VolumesFrom struct {
	Name   string
	Access string // ro, rw, or "" for what the container itself has
}

func parseVolumesFrom(text string) (VolumesFrom, error) {
	name, options, _ := strings.Cut(text, ":")
	v := VolumesFrom{Name: name}
	if err := CheckName(name); err != nil {
		return v, err
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "ro", "rw":
			v.Access = option
		case "", "z": // labels of SELinux, which is not here
		default:
			return v, fmt.Errorf("unknown option %q: expected ro, rw or z", option)
		}
	}
	return v, nil
}

// writeSharedVolumes mounts other containers' volumes, except where this one has its own.
func writeSharedVolumes(d *draft) error {
	for _, from := range d.options.VolumesFrom {
		list, err := d.runtime.volumesOf(from.Name)
		if err != nil {
			return fmt.Errorf("--volumes-from=%s: %w", from.Name, err)
		}
		for _, m := range list {
			if isMounted(d.volumes, m.Destination) {
				continue
			}
			if from.Access != "" {
				m.Options = append(slices.DeleteFunc(m.Options, func(o string) bool { return o == "ro" || o == "rw" }), from.Access)
			}
			d.volumes = append(d.volumes, m)
			addMounts(d.Spec, []specs.Mount{m})
		}
	}
	return nil
}

// volumesOf returns what a container that runs has mounted, by its record.
func (r Runtime) volumesOf(name string) (list []specs.Mount, err error) {
	if _, err := r.Running(name); err != nil {
		return nil, err
	}
	known, err := r.Records.Get(name)
	if err != nil {
		return nil, err
	}
	for _, m := range known.Mounts {
		list = append(list, specs.Mount{Type: m.Type, Source: m.Source, Destination: m.Destination, Options: m.Options})
	}
	return list, nil
}
