package folder

import (
	"strings"

	"golang.org/x/sys/unix"
)

// removeStale removes the stages of processes that are gone: what they had
// locked is free.
func removeStale(f *Folder) error {
	root, err := f.root()
	if err != nil {
		return err
	}
	defer root.Close()
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, stagePrefix) {
			continue
		}
		fd, err := f.openBelow(name, unix.O_RDONLY|unix.O_DIRECTORY)
		if err != nil {
			continue
		}
		if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) == nil {
			err = root.RemoveAll(name)
		}
		unix.Close(fd)
		if err != nil {
			return err
		}
	}
	return nil
}
