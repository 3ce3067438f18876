package s3test

import (
	"fmt"
	"os"
	"path/filepath"
)

// Binary returns the file of a program that test.sh builds for the tests: minio,
// versitygw, mc.
func Binary(name string) (file string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	file = filepath.Join(cache, "bootrc", "bin", name)
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%w: ./test.sh builds it", err)
	}
	return file, nil
}
