package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/command"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// mountsRecord is the file of a bundle that tells what was mounted for its container.
const mountsRecord = "mounts.json"

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

// writeSharedVolumes mounts other containers' volumes, except where this one has its own, and
// keeps for yet others what it has.
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
	record, err := json.Marshal(d.volumes)
	if err == nil {
		_, err = d.bundle.MakeFile(mountsRecord, record, 0o600)
	}
	return err
}

func (r Runtime) volumesOf(name string) (list []specs.Mount, err error) {
	if _, err := r.Running(name); err != nil {
		return nil, err
	}
	record, err := r.readBundle(name, mountsRecord)
	if err == nil {
		err = json.Unmarshal(record, &list)
	}
	if err != nil {
		return nil, errors.Join(errors.New("its volumes are not known"), err)
	}
	return list, nil
}
