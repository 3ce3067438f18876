// Package swap makes swap areas and gives them to the kernel: files, devices, and
// compressed memory.
package swap

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"bootrc/kit/kconfig"
	"bootrc/rootfs/disk"

	"golang.org/x/sys/unix"
)

// Make writes the header of a swap area to a file or device, as include/linux/swap.h
// of the kernel has it: version 1, with a new UUID. A device that holds something is
// left alone, unless force is set.
func Make(path string, force bool) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := vacant(path); err != nil && !force {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	header, err := header(size, os.Getpagesize())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if _, err := f.WriteAt(header, 0); err != nil {
		return err
	}
	return f.Sync()
}

// vacant tells whether a swap area on path would destroy nothing.
func vacant(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() {
		return err
	}
	c, err := disk.Probe(path)
	if err == nil && c.Type != disk.Empty && c.Type != "swap" {
		err = fmt.Errorf("%s holds %s, and would lose it", path, c)
	}
	return err
}

// header is the first page of a swap area of size bytes. The boot sector's first
// 1024 bytes are not the kernel's.
func header(size int64, page int) ([]byte, error) {
	pages := size / int64(page)
	if pages < 10 {
		return nil, fmt.Errorf("%d bytes are too few for a swap area: ten pages are the least", size)
	}
	h := make([]byte, page)
	binary.NativeEndian.PutUint32(h[1024:], 1) // version
	binary.NativeEndian.PutUint32(h[1028:], uint32(min(pages-1, 1<<32-1)))
	uuid := h[1036:1052]
	rand.Read(uuid)
	uuid[6], uuid[8] = uuid[6]&0x0f|0x40, uuid[8]&0x3f|0x80 // RFC 9562, version 4
	copy(h[page-10:], "SWAPSPACE2")
	return h, nil
}

// On has the kernel swap to a swap area. Those of a higher priority, up to 32767, are
// filled first; a negative one leaves the order to the kernel.
func On(path string, priority int) error {
	flags := 0
	if priority >= 0 {
		const prefer, mask = 0x8000, 0x7fff
		flags = prefer | priority&mask
	}
	if err := syscall(unix.SYS_SWAPON, path, flags); err != nil {
		return fmt.Errorf("swap to %s: %w", path, cause(err))
	}
	return nil
}

// Off brings what is in a swap area back to memory, and stops swapping to it.
func Off(path string) error {
	if err := syscall(unix.SYS_SWAPOFF, path, 0); err != nil {
		return fmt.Errorf("stop swapping to %s: %w", path, cause(err))
	}
	return nil
}

func syscall(number uintptr, path string, flags int) error {
	name, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	if _, _, errno := unix.Syscall(number, uintptr(unsafe.Pointer(name)), uintptr(flags), 0); errno != 0 {
		return errno
	}
	return nil
}

// cause says what the kernel's word for it may mean.
func cause(err error) error {
	switch {
	case errors.Is(err, unix.EINVAL):
		return errors.New("it is no swap area, has holes, or is on a filesystem that cannot hold one")
	case errors.Is(err, unix.EBUSY):
		return errors.New("it is in use")
	case errors.Is(err, unix.ENOSYS):
		return kconfig.Lacks("swap", "SWAP")
	}
	return err
}
