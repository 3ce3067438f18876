package swap

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// NewZram makes a block device of size bytes that is kept in memory, compressed, and
// returns its path. The kernel's module zram must be loaded
// (Documentation/admin-guide/blockdev/zram.rst).
func NewZram(size int64) (path string, err error) {
	name, err := unusedZram()
	if err != nil {
		return "", err
	}
	setting := filepath.Join("/sys/block", name, "disksize")
	if err := os.WriteFile(setting, []byte(strconv.FormatInt(size, 10)), 0); err != nil {
		return "", err
	}
	return "/dev/" + name, nil
}

// unusedZram returns a device without a size: one that came with the module, or a
// new one.
func unusedZram() (name string, err error) {
	sizes, _ := filepath.Glob("/sys/block/zram*/disksize")
	for _, file := range sizes {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == "0" {
			return filepath.Base(filepath.Dir(file)), nil
		}
	}
	text, err := os.ReadFile("/sys/class/zram-control/hot_add")
	if errors.Is(err, os.ErrNotExist) {
		return "", errors.New("this kernel has no zram, or its module is not loaded")
	}
	return "zram" + strings.TrimSpace(string(text)), err
}

// ParseSize reads a number of bytes as fallocate(1) does: 1048576, 512K, 1M, 2GiB are
// powers of 1024, 1GB one of 1000. A percentage is that of the machine's memory.
func ParseSize(text string) (int64, error) {
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		return partOfMemory(percent)
	}
	digits := strings.TrimRight(text, "BKMGTPbikmgtp")
	unit := strings.ToUpper(text[len(digits):])
	number, err := strconv.ParseInt(digits, 10, 64)
	factor, known := units(unit)
	if err != nil || !known || number <= 0 || number > (1<<63-1)/factor {
		return 0, fmt.Errorf("%q is no size, such as 512M or 4G", text)
	}
	return number * factor, nil
}

// units returns how many bytes a unit is.
func units(unit string) (bytes int64, ok bool) {
	base := int64(1024)
	letter := strings.TrimSuffix(unit, "IB")
	if letter == unit && len(unit) == 2 {
		letter, base = strings.TrimSuffix(unit, "B"), 1000
	}
	power := strings.Index("KMGTP", letter) + 1
	switch {
	case unit == "" || unit == "B":
		return 1, true
	case len(letter) != 1 || power == 0:
		return 0, false
	}
	for bytes = 1; power > 0; power-- {
		bytes *= base
	}
	return bytes, true
}

func partOfMemory(percent string) (int64, error) {
	share, err := strconv.ParseUint(percent, 10, 10)
	if err != nil || share == 0 {
		return 0, fmt.Errorf("%q is no percentage", percent+"%")
	}
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0, err
	}
	return int64(uint64(info.Totalram) * uint64(info.Unit) / 100 * share), nil
}
