// Package size reads numbers of bytes as the arguments and commands of the boot
// have them.
package size

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse reads a number of bytes as fallocate(1) does: 1048576, 512K, 1M and 2GiB
// are powers of 1024, 1GB one of 1000.
func Parse(text string) (int64, error) {
	digits := strings.TrimRight(text, "BKMGTPbikmgtp")
	number, err := strconv.ParseInt(digits, 10, 64)
	factor, known := unit(strings.ToUpper(text[len(digits):]))
	if err != nil || !known || number < 0 {
		return 0, fmt.Errorf("%q is no size, such as 512M or 4G", text)
	}
	if number > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is too large a size", text)
	}
	return number * factor, nil
}

// ParseBlocks reads a number of bytes as dd(1) and head(1) do: as Parse, but that a
// lower-case b is a block of 512 bytes.
func ParseBlocks(text string) (int64, error) {
	blocks, ok := strings.CutSuffix(text, "b")
	if !ok || strings.Trim(blocks, "0123456789") != "" {
		return Parse(text)
	}
	number, err := Parse(blocks)
	if err == nil && number > math.MaxInt64/512 {
		err = fmt.Errorf("%q is too large a size", text)
	}
	return number * 512, err
}

// unit returns how many bytes a unit is.
func unit(name string) (bytes int64, ok bool) {
	base := int64(1024)
	letter := strings.TrimSuffix(name, "IB")
	if letter == name && len(name) == 2 {
		letter, base = strings.TrimSuffix(name, "B"), 1000
	}
	power := strings.Index("KMGTP", letter) + 1
	switch {
	case name == "" || name == "B":
		return 1, true
	case len(letter) != 1 || power == 0:
		return 0, false
	}
	for bytes = 1; power > 0; power-- {
		bytes *= base
	}
	return bytes, true
}
