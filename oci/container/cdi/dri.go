package cdi

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// DRIKind is the kind of the devices that DRI describes.
const DRIKind = "kernel.org/dri"

// DRI describes the machine's devices for direct rendering: each node of /dev/dri by its name, each
// card, with its node for rendering, by a number from 0 on, and all together.
func DRI() (Spec, error) {
	const dev = "/dev/dri"
	entries, err := os.ReadDir(dev)
	if err != nil {
		return Spec{}, err
	}
	s := Spec{Version: "0.6.0", Kind: DRIKind}
	cards := make(map[string][]Node) // by the device of the bus
	var order []string
	var all []Node
	for _, e := range entries {
		if e.Type()&os.ModeCharDevice == 0 {
			continue
		}
		node := Node{Path: filepath.Join(dev, e.Name())}
		s.Devices = append(s.Devices, Device{e.Name(), Edits{Nodes: []Node{node}}})
		all = append(all, node)
		bus, err := filepath.EvalSymlinks(filepath.Join("/sys/class/drm", e.Name(), "device"))
		if err != nil {
			continue
		}
		if !slices.Contains(order, bus) {
			order = append(order, bus)
		}
		cards[bus] = append(cards[bus], node)
	}
	if len(all) == 0 {
		return Spec{}, fmt.Errorf("%s: %w", dev, errors.New("it has no device"))
	}
	for i, bus := range order {
		s.Devices = append(s.Devices, Device{strconv.Itoa(i), Edits{Nodes: cards[bus]}})
	}
	s.Devices = append(s.Devices, Device{"all", Edits{Nodes: all}})
	return s, nil
}
