package cache

import (
	"fmt"

	"bootrc/rootfs/disk"
)

// ChooseBeside plans for the disk that has the filesystem at path on it, such as the stick
// that the machine was started from: the cache that is on it, or else a partition behind
// its others. What is on the disk stays.
func ChooseBeside(path string, disks []Disk) (Plan, error) {
	d, partition, ok := find(disks, path)
	if !ok || partition == nil {
		return Plan{}, fmt.Errorf("%s is no partition: there is no room beside it", path)
	}
	if plan, ok, err := labelled(Auto, []Disk{d}); ok {
		return plan, err
	}
	if cause := unusable(d); cause != "" {
		return Plan{}, fmt.Errorf("%s: %s", d.Path(), cause)
	}
	if last := d.Partitions[len(d.Partitions)-1]; d.unfinished() && last.Path() != path && nameless(last) {
		return Plan{Device: last.Device, Step: Format}, nil
	}
	return Plan{Device: d.Device, Step: Append}, nil
}

// nameless tells whether nothing on a partition says what it is, as it is while its filesystem
// is being made.
func nameless(v Volume) bool {
	return v.Err == nil && (v.Content.Type == disk.Empty || v.Content.Type == disk.Unknown)
}
