// Package container runs a container from an image in the store, with podman's
// options and meaning (podman-run(1)), on libcontainer.
package container

import (
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image is what a container is made from.
type Image struct {
	Name   string // as the user wrote it
	Layers []string
	Config v1.Config
}

// Options says how a container differs from its image and from the defaults.
// Each field is the option of podman-run(1) with the same name.
type Options struct {
	Name       string
	Hostname   string // "": the machine's
	Privileged bool
	Network    string // "host" or "none"
	Entrypoint *string
	Command    []string
	Env        []string // KEY=VALUE
	User       string   // "": the image's
	Workdir    string   // "": the image's
	Volumes    []Bind
}

// Bind is one -v SOURCE:DESTINATION[:OPTIONS].
type Bind struct {
	Source      string
	Destination string
	Options     []string
}

// Stdio is where a container's standard streams lead. A nil Stdin is /dev/null.
type Stdio struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}
