package container

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"bootrc/oci/container/cdi"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// nvidiaKind is what podman takes --gpus for.
const nvidiaKind = "nvidia.com/gpu="

// writeCDI adds what devices by their kinds need, beside their nodes.
func writeCDI(d *draft) error {
	edits, err := cdi.Resolve(d.options.CDI)
	if err != nil {
		return err
	}
	d.Process.Env = mergeVariables(slices.Concat(d.Process.Env, edits.Env))
	for _, g := range edits.Groups {
		if !slices.Contains(d.Process.User.AdditionalGids, g) {
			d.Process.User.AdditionalGids = append(d.Process.User.AdditionalGids, g)
		}
	}
	for _, m := range edits.Mounts {
		entry := specs.Mount{Destination: m.ContainerPath, Source: m.HostPath, Type: m.Type, Options: m.Options}
		if entry.Type = cmp.Or(entry.Type, "bind"); entry.Type == "bind" && !slices.Contains(entry.Options, "bind") && !slices.Contains(entry.Options, "rbind") {
			entry.Options = append([]string{"rbind"}, entry.Options...)
		}
		addMounts(d.Spec, []specs.Mount{entry})
	}
	for _, h := range edits.Hooks {
		if err := addHook(d.Spec, h); err != nil {
			return err
		}
	}
	for _, n := range edits.Nodes {
		if err := addNode(d, n); err != nil {
			return err
		}
	}
	return nil
}

// addNode gives a container a device node, with its access.
func addNode(d *draft, n cdi.Node) error {
	from := cmp.Or(n.HostPath, n.Path)
	var st unix.Stat_t
	err := unix.Stat(from, &st)
	if err != nil && (n.Type == "" || n.Major == 0) {
		return fmt.Errorf("device %s: %w", from, err)
	}
	node := deviceOf(st, path.Clean(n.Path))
	if n.Type != "" {
		node.Type = n.Type
	}
	if n.Major != 0 {
		node.Major, node.Minor = n.Major, n.Minor
	}
	if n.Mode != nil {
		mode := fs.FileMode(*n.Mode)
		node.FileMode = &mode
	}
	if n.UID != nil {
		node.UID = n.UID
	}
	if n.GID != nil {
		node.GID = n.GID
	}
	return d.addDevice(node, cmp.Or(n.Permissions, "rwm"))
}

func addHook(spec *specs.Spec, h cdi.Hook) error {
	if spec.Hooks == nil {
		spec.Hooks = &specs.Hooks{}
	}
	list := map[string]*[]specs.Hook{
		"prestart": &spec.Hooks.Prestart, "createRuntime": &spec.Hooks.CreateRuntime, "createContainer": &spec.Hooks.CreateContainer,
		"startContainer": &spec.Hooks.StartContainer, "poststart": &spec.Hooks.Poststart, "poststop": &spec.Hooks.Poststop,
	}[h.Name]
	if list == nil {
		return fmt.Errorf("hook %q: there is none of this name", h.Name)
	}
	*list = append(*list, specs.Hook{Path: h.Path, Args: h.Args, Env: h.Env, Timeout: h.Timeout})
	return nil
}
