package disk

import (
	"fmt"
	"os"

	"bootrc/kit/size"

	"github.com/diskfs/go-diskfs/partition/mbr"
	"golang.org/x/sys/unix"
)

// AppendPartition makes a partition of all that is free behind the others of a disk with a DOS
// table, and returns it. The disk is marked as Unfinished first. If less than least bytes are
// free, it changes nothing.
func AppendPartition(path string, least int64) (Device, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_EXCL, 0)
	if err != nil {
		return Device{}, err
	}
	defer f.Close()
	length, sector, err := geometry(f)
	if err != nil {
		return Device{}, err
	}
	if sector != 512 {
		return Device{}, fmt.Errorf("%s: its sectors have %d bytes: its table cannot be changed", path, sector)
	}
	number, err := appendToTable(f, length, least)
	if err != nil {
		return Device{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := unix.IoctlSetInt(int(f.Fd()), unix.BLKRRPART, 0); err != nil {
		return Device{}, fmt.Errorf("%s: read the new partition table: %w", path, err)
	}
	return partitionOf(path, number)
}

// appendToTable writes the partition, and says its number.
func appendToTable(f *os.File, length, least int64) (number int, err error) {
	table, err := mbr.Read(f, 512, 512)
	if err != nil {
		return 0, err
	}
	start, free := int64(alignment), (*mbr.Partition)(nil)
	for _, p := range table.Partitions {
		switch {
		case p.Type != mbr.Empty:
			start = max(start, (p.GetStart()+p.GetSize()+alignment-1)&^(alignment-1))
		case free == nil:
			free = p
		}
	}
	const most = 512 << 32 // bytes, as far as a DOS table counts
	room := min(length, most)&^(alignment-1) - start
	switch {
	case free == nil:
		return 0, fmt.Errorf("its table has no room for another partition")
	case room < least:
		return 0, fmt.Errorf("only %s are free behind its partitions", size.BinaryText(max(room, 0)))
	}
	// what was there before must not be taken for somebody's
	if err := writeDown(f, make([]byte, 3*window), start); err != nil {
		return 0, err
	}
	if err := writeDown(f, markBlock(true), unfinishedAt); err != nil {
		return 0, err
	}
	free.Type, free.Start, free.Size = mbr.Linux, uint32(start/512), uint32(room/512)
	if err := table.Write(f, length); err != nil {
		return 0, err
	}
	return free.Index, f.Sync()
}

// writeDown writes down to the disk.
func writeDown(f *os.File, data []byte, at int64) error {
	if _, err := f.WriteAt(data, at); err != nil {
		return err
	}
	return f.Sync()
}
