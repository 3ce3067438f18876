package disk

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// resizePartition is the ioctl BLKPG_RESIZE_PARTITION on the disk with descriptor
// fd (include/uapi/linux/blkpg.h of the kernel).
func resizePartition(fd int, p Device, length int64) error {
	partition := unix.BlkpgPartition{Start: p.Start, Length: length, Pno: int32(p.Number)}
	arg := unix.BlkpgIoctlArg{
		Op: unix.BLKPG_RESIZE_PARTITION, Datalen: int32(unsafe.Sizeof(partition)),
		Data: (*byte)(unsafe.Pointer(&partition)),
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.BLKPG, uintptr(unsafe.Pointer(&arg)))
	runtime.KeepAlive(&partition)
	if errno != 0 {
		return errno
	}
	return nil
}
