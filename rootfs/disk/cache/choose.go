package cache

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/order"
	"bootrc/kit/size"
	"bootrc/rootfs/disk"
)

// Label is the name of the cache's partition and of the filesystem on it.
const Label = "B2C_CACHE"

// smallest is the least size of a disk, in bytes, that is worth being made a cache.
const smallest = 256 << 20

// Step is what has to be done with a device before it can be the cache.
type Step int

const (
	// Use: mount what is on it.
	Use Step = iota
	// Format: make a filesystem on it; what it held is lost.
	Format
	// Partition: make a partition table on it, and a filesystem; what it held is lost.
	Partition
	// Append: make a partition behind its others, and a filesystem on that; nothing is lost.
	Append
)

// Plan is a device and what has to be done with it.
type Plan struct {
	Device disk.Device
	Step   Step
	Notes  []string // what a person should know of the choice
}

// Mode is a value of b2c.cache_device= that leaves the choice of a disk to us.
type Mode string

// The modes, from the most careful on. All of them take a labelled partition, or
// else an empty disk.
const (
	Auto  Mode = "auto"
	Reset Mode = "reset"     // make a new filesystem on the labelled partition
	Wipe  Mode = "auto,wipe" // erase a disk, if none is empty
)

// Choose decides which device becomes the cache. It takes none from anybody who
// might miss what is on it.
func Choose(mode Mode, disks []Disk) (Plan, error) {
	if plan, ok, err := labelled(mode, disks); ok {
		return plan, err
	}
	if d, ok := largest(disks, Disk.free); ok {
		return Plan{Device: d.Device, Step: Partition}, nil
	}
	if d, ok := largest(disks, nil); ok && mode == Wipe {
		return Plan{Device: d.Device, Step: Partition}, nil
	}
	return Plan{}, fmt.Errorf("no partition is named %s, and no disk is free to become the cache:\n%s", Label, seen(disks))
}

// largest returns the largest disk that could become the cache, of those that
// accept, if any, takes.
func largest(disks []Disk, accept func(Disk) bool) (Disk, bool) {
	for _, d := range largestFirst(disks) {
		if why(d, disks) == "" && (accept == nil || accept(d)) {
			return d, true
		}
	}
	return Disk{}, false
}

// free tells whether everything on the disk was made by bootrc.
func (d Disk) free() bool {
	return d.Err == nil && len(d.Partitions) == 0 && (d.Content.Type == disk.Empty || d.unfinished())
}

func (d Disk) unfinished() bool {
	first, _, _ := strings.Cut(d.Content.Type, ",")
	return first == disk.Unfinished
}

// why says why a disk is no choice, even if it were empty; nothing if it is one.
func why(d Disk, disks []Disk) string {
	switch {
	case !d.Physical:
		return "not a disk of its own"
	case unusable(d) != "":
		return unusable(d)
	case d.Booted:
		return "the machine may have been started from it"
	case d.Removable && !only(d, disks):
		return "it can be removed"
	}
	return ""
}

// unusable says why a disk cannot become the cache, even if it is named.
func unusable(d Disk) string {
	switch {
	case d.Err != nil:
		return d.Err.Error()
	case d.ReadOnly:
		return "it is read-only"
	case d.Size < smallest:
		return fmt.Sprintf("it is too small: less than %s", size.BinaryText(smallest))
	case d.Busy:
		return "it is in use"
	}
	return ""
}

// only tells whether a disk is the machine's only one.
func only(d Disk, disks []Disk) bool {
	return !slices.ContainsFunc(disks, func(other Disk) bool { return other.Physical && other.Name != d.Name })
}

// largestFirst sorts disks by their size, those of one size by their names.
func largestFirst(disks []Disk) []Disk {
	disks = slices.Clone(disks)
	order.By(disks, func(a, b Disk) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.Name, b.Name))
	})
	return disks
}

// labelled finds an existing cache, the largest of several.
func labelled(mode Mode, disks []Disk) (plan Plan, ok bool, err error) {
	type found struct {
		on Disk
		v  Volume
	}
	var all []found
	for _, d := range disks {
		for _, v := range append([]Volume{d.Volume}, d.Partitions...) {
			if isCache(v) {
				all = append(all, found{d, v})
			}
		}
	}
	if len(all) == 0 {
		return Plan{}, false, nil
	}
	order.By(all, func(a, b found) int { return cmp.Compare(b.v.Size, a.v.Size) })
	plan, err = reuse(mode, all[0].on, all[0].v)
	for _, other := range all[1:] {
		plan.Notes = append(plan.Notes, fmt.Sprintf("%s is named %s, too: it is left alone", other.v.Path(), Label))
	}
	return plan, true, err
}

// isCache tells whether a volume is named as the cache: in the partition table, or
// by the filesystem on it. A member of a RAID shows the filesystem of the whole.
func isCache(v Volume) bool {
	return v.Label == Label || v.Content.Label == Label && isExt(v.Content.Type)
}

// reuse plans for a volume that is named as the cache.
func reuse(mode Mode, on Disk, v Volume) (Plan, error) {
	plan := Plan{Device: v.Device}
	switch {
	case v.Err != nil:
		return plan, v.Err
	case v.ReadOnly:
		return plan, fmt.Errorf("%s is read-only", v.Path())
	case on.Busy:
		return plan, fmt.Errorf("%s is in use", v.Path())
	case mode == Reset || on.unfinished() || v.Content.Type == disk.Empty:
		plan.Step = Format
	case !isExt(v.Content.Type):
		return plan, fmt.Errorf("%s is named %s, but holds %s: b2c.cache_device=reset would overwrite it", v.Path(), Label, v.Content)
	}
	return plan, nil
}

func isExt(kind string) bool { return kind == "ext4" || kind == "ext3" || kind == "ext2" }
