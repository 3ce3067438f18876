package container

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// claim makes the bundle's folder and locks it.
func (b *bundle) claim() error {
	for {
		if err := os.Mkdir(b.folder, 0o755); err != nil {
			return err
		}
		lock, err := os.Open(b.folder)
		if os.IsNotExist(err) {
			continue // taken for a leftover, before it was locked
		}
		if err != nil {
			return err
		}
		if err := unix.Flock(int(lock.Fd()), unix.LOCK_SH); err != nil {
			lock.Close()
			return err
		}
		if isAt(lock, b.folder) {
			b.lock = lock
			return nil
		}
		lock.Close()
	}
}

func isAt(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, there)
}

// sweepBundles deletes what containers have left in the folder state when the
// machine's power was cut. What cannot be deleted is in nobody's way.
func sweepBundles(state string) {
	entries, err := os.ReadDir(state)
	if err != nil {
		return
	}
	for _, entry := range entries {
		sweepBundle(filepath.Join(state, entry.Name()))
	}
}

// sweepBundle leaves alone what a process has locked, and what has been mounted
// since the machine was started: whoever made it was killed, but its container
// may still run.
func sweepBundle(folder string) {
	f, err := os.Open(folder)
	if err != nil {
		return
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil || hasMount(folder, "root") {
		return
	}
	os.RemoveAll(folder)
}

func hasMount(folder, name string) bool {
	var above, there unix.Stat_t
	if unix.Lstat(folder, &above) != nil || unix.Lstat(filepath.Join(folder, name), &there) != nil {
		return false
	}
	return above.Dev != there.Dev
}
