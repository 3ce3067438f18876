package disk

import (
	"io"
	"os"
)

// Unfinished is the type of a disk on which the making of its one partition, or of the
// filesystem in that, was cut short. There was leave to overwrite it, and nothing worth
// keeping is on it.
const Unfinished = "unfinished cache"

// TableRoom is how many bytes at a disk's beginning are the partition table's, where
// the first partition begins as late as is usual. Mark writes at their end.
const TableRoom = window

// The mark of that stands where neither a GPT nor a partition is: before the end of
// the first MiB.
const (
	unfinishedAt   = TableRoom - 4096
	unfinishedMark = "bootrc is making B2C_CACHE on this disk\n"
)

// Mark marks the disk as Unfinished, or takes the mark away, and writes that to
// the disk.
func Mark(path string, unfinished bool) error {
	return change(path, func(f *os.File, _ int64) error {
		_, err := f.WriteAt(markBlock(unfinished), unfinishedAt)
		return err
	})
}

// markBlock is what stands in the mark's place.
func markBlock(unfinished bool) []byte {
	block := make([]byte, 4096) // no disk has larger sectors
	if unfinished {
		copy(block, unfinishedMark)
	}
	return block
}

// Wipe overwrites the first and last MiBs of a device with zeroes, so that no
// signature is left on it, nor on a partition that begins and ends with its first
// and last whole MiB.
func Wipe(path string) error {
	return change(path, func(f *os.File, size int64) error {
		zeroes := make([]byte, min(size, 3*window))
		if _, err := f.WriteAt(zeroes, 0); err != nil {
			return err
		}
		_, err := f.WriteAt(zeroes, size-int64(len(zeroes)))
		return err
	})
}

// Sync waits until all that was written to a device is on the disk.
func Sync(path string) error {
	return change(path, func(*os.File, int64) error { return nil })
}

// Size returns a device's size in bytes.
func Size(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Seek(0, io.SeekEnd)
}

// change writes to a device that nobody else uses, down to the disk.
func change(path string, write func(f *os.File, size int64) error) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_EXCL, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if err := write(f, size); err != nil {
		return err
	}
	return f.Sync()
}
