// Package container runs a container from an image in the store, with podman's
// options and meaning (podman-run(1)), on libcontainer.
package container

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Image is what a container is made from.
type Image struct {
	Name   string // as the user wrote it
	ID     string // in hexadecimal digits
	Layers []string
	Config v1.Config
}

// Options says how a container differs from its image and from the defaults.
// Each field is the option of podman-run(1) with the same name; where it is
// zero, podman's default holds.
type Options struct {
	Name        string
	Hostname    string // "": the machine's, or the container's own without its network
	Annotations map[string]string

	Entrypoint  []string // nil: the image's; empty: none
	Command     []string // empty: the image's, if Entrypoint is nil
	Script      []byte   // what to run instead, with Command as its arguments
	Environment Environment
	User        string // "": the image's
	Groups      []string
	Entries     Entries
	Workdir     string // "": the image's
	Umask       *uint32
	Init        bool   // run it below a reaper
	Timezone    string // "": the image's
	Personality string // "", or LINUX or LINUX32
	Limits      Limits
	OOMScoreAdj *int

	Privileged       bool
	AddCapabilities  []string
	DropCapabilities []string
	Security         Security

	Network, PID, IPC, UTS, CgroupNS Namespace
	Users                            UserNamespace

	Mounts        []Mount
	VolumesFrom   []VolumesFrom
	Secrets       []Secret
	ImageVolumes  ImageVolumes
	ReadOnly      bool
	ReadOnlyTmpfs bool // with ReadOnly: /run, /tmp and /var/tmp stay writable, in memory
	ShmSize       string
	Devices       []Device
	CDI           []string // devices by their kinds, vendor.com/class=name
	DeviceRules   []specs.LinuxDeviceCgroup
	Resolver      Resolver

	Resources    specs.LinuxResources
	CgroupParent string // "": the root
	Sysctl       map[string]string

	Terminal    bool
	Interactive bool

	Systemd     SystemdMode
	SystemdSize int64          // of its folders in memory, in bytes, 0: tmpfs(5)'s default
	StopSignal  unix.Signal    // 0: the image's, or else the usual one
	StopTimeout *time.Duration // nil: ten seconds
	Timeout     time.Duration  // how long the container may run, 0 for ever
	Health      Health
	Restarts    int // how often this service was started before
}
