package ext4

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// resize is EXT4_IOC_RESIZE_FS, _IOW('f', 16, __u64), of the kernel's fs/ext4/ext4.h:
// the number is the same on every architecture that Go knows but mips and ppc64.
const resize = 0x40086610

// Grow grows the filesystem that is mounted on folder to the size of its device
// in bytes, and tells whether it was smaller.
func Grow(folder, device string, size int64) (grown bool, err error) {
	f, err := os.Open(device)
	if err != nil {
		return false, err
	}
	s, err := Read(f)
	f.Close()
	if err != nil {
		return false, fmt.Errorf("%s: %w", device, err)
	}
	blocks := uint64(size / s.BlockSize)
	if blocks <= s.Blocks {
		return false, nil
	}
	before, err := available(folder)
	if err != nil {
		return false, err
	}
	if err := resizeTo(folder, blocks); err != nil {
		return false, fmt.Errorf("grow the filesystem on %s to %d MiB: %w", device, size>>20, err)
	}
	after, err := available(folder)
	return after > before, err // a few blocks more than before are no use to the kernel
}

func resizeTo(folder string, blocks uint64) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, dir.Fd(), resize, uintptr(unsafe.Pointer(&blocks))); errno != 0 {
		return errno
	}
	return nil
}

// available is the blocks of the filesystem that folder is on.
func available(folder string) (uint64, error) {
	var st unix.Statfs_t
	err := unix.Statfs(folder, &st)
	return st.Blocks, err
}
