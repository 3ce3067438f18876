// Package reaper is the first process of a container with --init. It is written in C: reaper.c.
package reaper

import "C"

// Name is the name under which this program is a reaper of what follows "--".
const Name = "/run/podman-init"
