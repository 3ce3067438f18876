// Package cdi reads and writes specifications of the Container Device Interface (SPEC.md of
// cncf-tags/container-device-interface): what a container needs for a device beside its nodes.
package cdi

// Spec is one specification, of devices of one kind.
type Spec struct {
	Version string   `json:"cdiVersion"`
	Kind    string   `json:"kind"` // vendor.com/class
	Devices []Device `json:"devices"`
	Edits   Edits    `json:"containerEdits,omitzero"` // for whoever has one of them
}

// Device is a device by its name.
type Device struct {
	Name  string `json:"name"`
	Edits Edits  `json:"containerEdits"`
}

// Edits are what a device adds to a container.
type Edits struct {
	Env    []string `json:"env,omitempty"`
	Nodes  []Node   `json:"deviceNodes,omitempty"`
	Mounts []Mount  `json:"mounts,omitempty"`
	Hooks  []Hook   `json:"hooks,omitempty"`
	Groups []uint32 `json:"additionalGids,omitempty"`
}

// Node is a device node. What is missing is as on the machine.
type Node struct {
	Path        string  `json:"path"`
	HostPath    string  `json:"hostPath,omitempty"`    // "": Path
	Permissions string  `json:"permissions,omitempty"` // of r, w and m; "": all
	Type        string  `json:"type,omitempty"`
	Major       int64   `json:"major,omitempty"`
	Minor       int64   `json:"minor,omitempty"`
	Mode        *uint32 `json:"fileMode,omitempty"`
	UID         *uint32 `json:"uid,omitempty"`
	GID         *uint32 `json:"gid,omitempty"`
}

// Mount is a file or folder of the machine, or another file system.
type Mount struct {
	HostPath      string   `json:"hostPath"`
	ContainerPath string   `json:"containerPath"`
	Type          string   `json:"type,omitempty"`
	Options       []string `json:"options,omitempty"`
}

// Hook is a program of the machine that is run on the way to the container (runtime-spec,
// config.md, "POSIX-platform Hooks").
type Hook struct {
	Name    string   `json:"hookName"`
	Path    string   `json:"path"`
	Args    []string `json:"args,omitempty"`
	Env     []string `json:"env,omitempty"`
	Timeout *int     `json:"timeout,omitempty"`
}

// add appends what other edits add.
func (e *Edits) add(other Edits) {
	e.Env = append(e.Env, other.Env...)
	e.Nodes = append(e.Nodes, other.Nodes...)
	e.Mounts = append(e.Mounts, other.Mounts...)
	e.Hooks = append(e.Hooks, other.Hooks...)
	e.Groups = append(e.Groups, other.Groups...)
}
