package cache

import (
	"fmt"
	"slices"
	"strings"
)

// ChooseNamed plans for a device that b2c.cache_device= names. A disk is
// partitioned anew, whatever is on it, unless a cache is there already; a partition
// is formatted only if nothing is on it.
func ChooseNamed(path string, disks []Disk) (Plan, error) {
	d, partition, ok := find(disks, path)
	switch {
	case !ok:
		return Plan{}, fmt.Errorf("%s: there is no such disk or partition", path)
	case partition != nil:
		return namedPartition(d, *partition)
	case d.mapped():
		return namedPartition(d, d.Volume)
	}
	if plan, ok, err := labelled(Auto, []Disk{d}); ok {
		return plan, err
	}
	if cause := unusable(d); cause != "" {
		return Plan{}, fmt.Errorf("%s: %s", path, strings.TrimPrefix(cause, path+" "))
	}
	return Plan{Device: d.Device, Step: Partition}, nil
}

// mapped tells whether the disk is one of the device mapper, on which the kernel
// looks for no partitions.
func (d Disk) mapped() bool { return strings.HasPrefix(d.Name, "dm-") }

func namedPartition(d Disk, v Volume) (Plan, error) {
	if isCache(v) || v.Err != nil || v.ReadOnly || d.Busy {
		return reuse(Auto, d, v)
	}
	plan := Plan{Device: v.Device}
	switch kind := v.Content.Type; {
	case kind == "empty":
		plan.Step = Format
	case !slices.Contains(capable, kind):
		return plan, fmt.Errorf("%s holds %s, and only a partition that holds nothing is formatted. "+
			"To use it, name it %s and boot once with b2c.cache_device=reset, or name a whole disk", v.Path(), v.Content, Label)
	}
	return plan, nil
}

// capable are the filesystems that can be the lower and the upper one of an overlay.
var capable = []string{"ext4", "ext3", "ext2", "xfs", "btrfs", "f2fs"}
