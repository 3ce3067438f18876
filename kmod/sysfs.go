package kmod

import (
	"os"

	"golang.org/x/sys/unix"
)

// readSmall returns what is in an attribute of sysfs, at most a page, or "" if it
// can't be read. It makes the three system calls that it takes and no more: a
// coldplug reads hundreds.
func readSmall(file string) string {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	var page [4096]byte
	n, err := unix.Read(fd, page[:])
	if err != nil {
		return ""
	}
	return string(page[:n])
}

// readNames returns the names in a folder, in no order.
func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
