package swap

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bootrc/kit/kconfig"
	"bootrc/kit/size"

	"golang.org/x/sys/unix"
)

// NewZram makes a block device of so many bytes that is kept in memory, compressed, and
// returns its path. The kernel's module zram must be loaded
// (Documentation/admin-guide/blockdev/zram.rst).
func NewZram(bytes int64) (path string, err error) {
	name, err := unusedZram()
	if err != nil {
		return "", err
	}
	setting := filepath.Join("/sys/block", name, "disksize")
	if err := os.WriteFile(setting, []byte(strconv.FormatInt(bytes, 10)), 0); err != nil {
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
		return "", kconfig.LacksModule("zram", "ZRAM")
	}
	return "zram" + strings.TrimSpace(string(text)), err
}

// ParseSize reads a number of bytes, or a percentage of the machine's memory. Nothing is
// an error.
func ParseSize(text string) (int64, error) {
	part, err := size.ParsePart(text)
	if err != nil {
		return 0, err
	}
	if part.IsZero() {
		return 0, fmt.Errorf("size %q is zero: give bytes, a number with K, M or G, or a percentage", text)
	}
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0, err
	}
	return part.Of(int64(uint64(info.Totalram) * uint64(info.Unit))), nil
}
