// Package built finds the programs that test.sh builds for tests.
package built

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// File returns the file of a program that test.sh builds for the tests: minio,
// versitygw, rclone, mc, cosign, nginx. While test.sh builds them, it waits. Others are put there by hand.
func File(name string) (file string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	file = filepath.Join(cache, "bootrc", "bin", name)
	if err := awaitLock(filepath.Dir(file)); err != nil {
		return "", fmt.Errorf("%w: ./test.sh builds %s", err, name)
	}
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%w: ./test.sh builds it", err)
	}
	return file, nil
}

// awaitLock returns when nobody holds the lock of a folder.
func awaitLock(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH)
}
