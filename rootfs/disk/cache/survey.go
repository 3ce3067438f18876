package cache

import "bootrc/rootfs/disk"

// Volume is a disk or a partition, and what is on it.
type Volume struct {
	disk.Device
	Content disk.Content
	Err     error // why it cannot be read
}

// Disk is a disk and its partitions.
type Disk struct {
	Volume
	Partitions []Volume
	Booted     bool // the machine was, or may have been, started from it
	Busy       bool // it is mounted, or part of something larger
}

// Survey looks at all disks of the machine.
func Survey() ([]Disk, error) {
	devices, err := disk.All()
	if err != nil {
		return nil, err
	}
	var disks []Disk
	at := make(map[string]int)
	for _, d := range devices {
		v := look(d)
		switch i, known := at[d.Disk]; {
		case !d.Partition():
			at[d.Name] = len(disks)
			disks = append(disks, Disk{Volume: v})
		case known:
			disks[i].Partitions = append(disks[i].Partitions, v)
		}
	}
	boot := bootSource()
	for i := range disks {
		disks[i].Busy = disks[i].InUse()
		disks[i].Booted = boot.isOn(disks[i])
	}
	return disks, nil
}

func look(d disk.Device) Volume {
	v := Volume{Device: d}
	v.Content, v.Err = disk.Probe(d.Path())
	return v
}

// find returns the disk with that path, or the one with a partition of that path.
func find(disks []Disk, path string) (on Disk, partition *Volume, ok bool) {
	for _, d := range disks {
		if d.Path() == path {
			return d, nil, true
		}
		for i := range d.Partitions {
			if d.Partitions[i].Path() == path {
				return d, &d.Partitions[i], true
			}
		}
	}
	return Disk{}, nil, false
}
