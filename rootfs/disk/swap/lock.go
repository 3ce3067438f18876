package swap

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Lock keeps this process in memory, and the files at these paths, which are in a file system in
// memory: where a swap device may go away, nothing that has to go on without it may be on it. What
// the process has not used yet comes into memory when it does, and stays; so its own program
// belongs to the files.
func Lock(paths []string) error {
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT); err != nil {
		return fmt.Errorf("keep the process in memory: %w", err)
	}
	for _, path := range paths {
		if err := lockFile(path); err != nil {
			return fmt.Errorf("keep %s in memory: %w", path, err)
		}
	}
	return nil
}

func lockFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	pages, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	return unix.Mlock(pages) // for as long as the process lives
}
