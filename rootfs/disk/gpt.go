package disk

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/diskfs/go-diskfs/partition/gpt"
	"golang.org/x/sys/unix"
)

// alignment is where partitions begin and end: at whole MiBs.
const alignment = 1 << 20

// copyRoom is enough for the copy of the table at the disk's end.
const copyRoom = 64 << 10

// MakeTable writes a GPT with one partition of that name, as large as the disk,
// and returns the partition. What was on the disk is lost.
func MakeTable(path, name string) (Device, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_EXCL, 0)
	if err != nil {
		return Device{}, err
	}
	defer f.Close()
	size, sector, err := geometry(f)
	if err != nil {
		return Device{}, err
	}
	if err := writeTable(f, size, sector, name); err != nil {
		return Device{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := unix.IoctlSetInt(int(f.Fd()), unix.BLKRRPART, 0); err != nil {
		return Device{}, fmt.Errorf("%s: read the new partition table: %w", path, err)
	}
	return partitionOf(path, 1)
}

func writeTable(f *os.File, size int64, sector int, name string) error {
	table := &gpt.Table{
		LogicalSectorSize: sector, PhysicalSectorSize: sector, ProtectiveMBR: true,
		Partitions: []*gpt.Partition{{
			Index: 1, Name: name, Type: gpt.LinuxFilesystem,
			Start: uint64(alignment / sector), End: lastSector(size, sector),
		}},
	}
	return table.Write(f, size)
}

// lastSector is where a partition ends that reaches to the end of a disk.
func lastSector(size int64, sector int) uint64 {
	return uint64((size-copyRoom)&^(alignment-1))/uint64(sector) - 1
}

// partitionOf returns a disk's partition of that number.
func partitionOf(path string, number int) (Device, error) {
	devices, err := All()
	if err != nil {
		return Device{}, err
	}
	at := slices.IndexFunc(devices, func(d Device) bool { return "/dev/"+d.Disk == path && d.Number == number })
	if at < 0 {
		return Device{}, fmt.Errorf("%s: the kernel does not see the new partition", path)
	}
	return devices[at], nil
}

// geometry returns a disk's size and that of its sectors, in bytes.
func geometry(f *os.File) (size int64, sector int, err error) {
	if size, err = f.Seek(0, io.SeekEnd); err != nil {
		return 0, 0, err
	}
	sector, err = unix.IoctlGetInt(int(f.Fd()), unix.BLKSSZGET)
	return size, sector, err
}

// GrowPartition grows a partition of a GPT to the end of its disk, where the disk
// has become larger than the table says and no other partition is behind it. It
// tells whether it did. A partition may be mounted meanwhile.
func GrowPartition(p Device) (grown bool, err error) {
	path := "/dev/" + p.Disk
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	size, sector, err := geometry(f)
	if err != nil {
		return false, err
	}
	grown, err = growTable(f, size, sector, p.Number)
	if err != nil || !grown {
		return false, err
	}
	length := int64(lastSector(size, sector)+1)*int64(sector) - p.Start
	if err := resizePartition(int(f.Fd()), p, length); err != nil {
		return false, fmt.Errorf("%s: tell the kernel of its new size: %w", p.Path(), err)
	}
	return true, nil
}

// growTable moves the end of partition number, and the copy of the table, to the end of a
// disk that has become larger. It leaves another kind of table alone.
func growTable(f *os.File, size int64, sector, number int) (grown bool, err error) {
	table, err := gpt.Read(f, sector, sector)
	if err != nil || table.TotalSize()+alignment > uint64(size) {
		return false, nil
	}
	if !extend(table, number, lastSector(size, sector)) {
		return false, nil
	}
	table.Resize(uint64(size))
	if err := table.Write(f, size); err != nil {
		return false, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return true, nil
}

// extend moves the end of a partition in the table, unless another is behind it.
func extend(table *gpt.Table, number int, end uint64) bool {
	var ours *gpt.Partition
	for _, entry := range table.Partitions {
		if entry.Index == number {
			ours = entry
		}
	}
	if ours == nil || ours.End >= end {
		return false
	}
	for _, entry := range table.Partitions {
		if entry.Type != gpt.Unused && entry.Start > ours.Start {
			return false
		}
	}
	ours.Size += (end - ours.End) * uint64(table.LogicalSectorSize)
	ours.End = end
	return true
}
