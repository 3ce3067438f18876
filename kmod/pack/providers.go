package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kmod"
)

// references are the properties by which a device names what it needs of others, as
// phandles. Cells is the provider's property that says how many numbers follow one;
// "" where none follows. A name that begins with "-" is the end of names.
var references = []struct{ name, cells string }{
	{"clocks", "#clock-cells"},
	{"assigned-clocks", "#clock-cells"},
	{"resets", "#reset-cells"},
	{"phys", "#phy-cells"},
	{"power-domains", "#power-domain-cells"},
	{"dmas", "#dma-cells"},
	{"iommus", "#iommu-cells"},
	{"interconnects", "#interconnect-cells"},
	{"interrupts-extended", "#interrupt-cells"},
	{"msi-parent", "#msi-cells"},
	{"mboxes", "#mbox-cells"},
	{"pwms", "#pwm-cells"},
	{"gpios", "#gpio-cells"},
	{"-gpios", "#gpio-cells"},
	{"-gpio", "#gpio-cells"},
	{"nvmem-cells", "#nvmem-cell-cells"},
	{"interrupt-parent", ""},
	{"-supply", ""},
	{"mmc-pwrseq", ""},
	{"usb-phy", ""},
	{"phy-handle", ""},
	{"pcs-handle", ""},
	{"extcon", ""},
	{"firmware", ""},
	{"hwlocks", "#hwlock-cells"},
}

// deviceTree is a tree whose references can be followed.
type deviceTree struct {
	root    *node
	handles map[uint32]*node
}

func newDeviceTree(root *node) *deviceTree {
	t := &deviceTree{root, make(map[uint32]*node)}
	root.walk(func(n *node) {
		for _, name := range []string{"phandle", "linux,phandle"} {
			if handle := n.number(name); handle != 0 {
				t.handles[handle] = n
			}
		}
	})
	return t
}

// needs returns the nodes that a node's device needs: the buses that it is on, what it
// names, and what hands interrupts on to where it is.
func (t *deviceTree) needs(n *node) []*node {
	var found []*node
	if n.parent != nil {
		found = append(found, n.parent)
	}
	for name, value := range n.properties {
		switch cells, ok := referenceCells(name); {
		case ok:
			found = append(found, t.referred(value, cells)...)
		case name == "iommu-map" || name == "msi-map":
			// of each four numbers, the second is a phandle
			for ; len(value) >= 16; value = value[16:] {
				found = append(found, t.referred(value[4:8], "")...)
			}
		}
	}
	return found
}

func referenceCells(property string) (cells string, ok bool) {
	for _, r := range references {
		if property == r.name || r.name[0] == '-' && strings.HasSuffix(property, r.name) {
			return r.cells, true
		}
	}
	// pinctrl-0, pinctrl-1 …: states, which are inside of their controllers
	number, ok := strings.CutPrefix(property, "pinctrl-")
	return "", ok && len(number) == 1 && number[0] >= '0' && number[0] <= '9'
}

// referred returns the nodes in a list of phandles.
func (t *deviceTree) referred(list []byte, cells string) []*node {
	var found []*node
	for len(list) >= 4 {
		n := t.handles[be32(list)]
		list = list[4:]
		if n == nil { // a hole in the list
			continue
		}
		found = append(found, n)
		if cells != "" {
			list = list[min(4*int(n.number(cells)), len(list)):]
		}
	}
	return found
}

// closure returns the nodes and all that they need, those that they need themselves
// included.
func (t *deviceTree) closure(nodes []*node) []*node {
	var all []*node
	known := make(map[*node]bool)
	for len(nodes) > 0 {
		n := nodes[0]
		nodes = nodes[1:]
		if !known[n] {
			known[n] = true
			all = append(all, n)
			nodes = append(nodes, t.needs(n)...)
		}
	}
	return all
}

// attachable are aliases of what a device tree does not name: disks and cards that are
// plugged into a board, and what containers need.
var attachable = []string{
	"mmc:block", "scsi:t-0x00", "fs-overlay", "fs-ext4", "fs-vfat",
	"virtio:d00000001v00000000", "virtio:d00000002v00000000",
	"usb:v0000p0000d0000dc00dsc00dp00ic08isc06ip50in00", "usb:v0000p0000d0000dc00dsc00dp00ic08isc06ip62in00",
	"usb:v0000p0000d0000dc00dsc00dp00ic02isc06ip00in00", "usb:v0000p0000d0000dc00dsc00dp00icE0isc01ip03in00",
	"pci:v00000000d00000000sv00000000sd00000000bc01sc08i02", "pci:v00000000d00000000sv00000000sd00000000bc01sc06i01",
	"pci:v00000000d00000000sv00000000sd00000000bc0Csc03i30", "fsl-mc:v00001957ddpni",
}

// phys is the folder of the drivers for the chips between a network card and its cable,
// which are found by a number that they say themselves.
const phys = "kernel/drivers/net/phy/"

// regulators is the folder of the drivers for supplies. Those that are a part of a chip
// are found by a name that only the chip's own driver knows.
const regulators = "kernel/drivers/regulator/"

// ofDeviceTrees returns the modules for the devices of boards that a boot may wait for,
// with those for all that these need, from a device tree's file or a folder of such.
func (s *source) ofDeviceTrees(path string) ([]string, error) {
	files, err := treeFiles(path)
	if err != nil {
		return nil, err
	}
	aliases := slices.Clone(attachable)
	var chips []string // those that turn the board off
	parts := false
	for _, file := range files {
		root, err := readTree(file)
		if err != nil {
			return nil, err
		}
		needed, err := s.needed(newDeviceTree(root))
		if err != nil {
			return nil, err
		}
		for _, n := range needed {
			aliases = append(aliases, n.alias())
			parts = parts || n.suppliesByParts()
		}
		root.walk(func(n *node) {
			if _, ok := n.properties["system-power-controller"]; ok && n.enabled() {
				aliases = append(aliases, n.alias())
				chips = append(chips, n.chips()...)
			}
		})
	}
	slices.Sort(aliases)
	names, err := s.ofAliases(slices.Compact(aliases))
	for _, m := range s.order {
		part := strings.HasPrefix(m.plain(), regulators) && slices.ContainsFunc(m.info.aliases, isPart)
		if strings.HasPrefix(m.plain(), phys) || parts && part || m.isOffOf(chips) {
			names = append(names, m.name)
		}
	}
	return names, err
}

// chips are the names of the chip that a node is, or is a part of: "bcm2835" of "brcm,bcm2835-pm".
func (n *node) chips() []string {
	var chips []string
	for _, name := range n.texts("compatible") {
		_, name, _ = strings.Cut(name, ",")
		if chip, _, _ := strings.Cut(name, "-"); chip != "" {
			chips = append(chips, chip)
		}
	}
	return chips
}

// offs are folders of drivers that turn a board off: a Raspberry Pi's does so with its watchdog.
var offs = []string{"kernel/drivers/power/", "kernel/drivers/watchdog/"}

// isOffOf tells whether a module turns a board off by a part of one of the chips, which the chip's own
// driver names: platform:bcm2835-wdt.
func (m *module) isOffOf(chips []string) bool {
	if !slices.ContainsFunc(offs, func(folder string) bool { return strings.HasPrefix(m.plain(), folder) }) {
		return false
	}
	return slices.ContainsFunc(m.info.aliases, func(alias string) bool {
		return slices.ContainsFunc(chips, func(chip string) bool {
			return strings.HasPrefix(alias, "platform:"+chip+"-")
		})
	})
}

func isPart(alias string) bool { return strings.HasPrefix(alias, "platform:") }

// suppliesByParts tells whether a node is a chip with supplies in it.
func (n *node) suppliesByParts() bool {
	return slices.ContainsFunc(n.children, func(child *node) bool { return child.name == "regulators" || child.name == "pmic" })
}

// treeFiles returns the files of device trees in a folder, or the one file.
func treeFiles(path string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (file == path || strings.HasSuffix(file, ".dtb")) {
			files = append(files, file)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: there is no .dtb in it", path)
	}
	return files, err
}

// needed returns the nodes of the devices that a boot may wait for, and of all that
// these need.
func (s *source) needed(t *deviceTree) ([]*node, error) {
	x, err := s.aliasIndex()
	if err != nil {
		return nil, err
	}
	var wanted []*node
	t.root.walk(func(n *node) {
		alias := n.alias()
		if alias == "" || !n.enabled() {
			return
		}
		for _, name := range x.Find(kmod.CanonicalAlias(alias)) {
			if !kmod.Comfort(s.modules[name].plain()) {
				wanted = append(wanted, n)
				return
			}
		}
	})
	return t.closure(wanted), nil
}
