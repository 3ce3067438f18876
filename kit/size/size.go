// Package size reads and writes numbers of bytes as the arguments and commands of the
// boot have them. docs/configuration.md, "Sizes", says which form holds where.
package size

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse reads a number of bytes as fallocate(1) does: 1048576, 512K, 1.5M and 2GiB are
// powers of 1024, 1GB one of 1000. The case of letters does not matter.
func Parse(text string) (int64, error) { return parse(text, 1000) }

// ParseMemory reads a number of bytes as podman-run(1)'s options do: as Parse, but that
// 1gb is a power of 1024, too.
func ParseMemory(text string) (int64, error) { return parse(text, 1024) }

// ParseBlocks reads a number of bytes as dd(1) and head(1) do: as Parse, but without
// fractions, and a lower-case b is a block of 512 bytes.
func ParseBlocks(text string) (int64, error) {
	if strings.Contains(text, ".") {
		return 0, notASize(text)
	}
	number, isBlocks := strings.CutSuffix(text, "b")
	if !isBlocks || number == "" || strings.Trim(number, "0123456789") != "" {
		return Parse(text)
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > math.MaxInt64/512 {
		return 0, tooLarge(text)
	}
	return n * 512, nil
}

func notASize(text string) error {
	return fmt.Errorf("%q is not a size: give bytes, or a number with K, M or G", text)
}

func tooLarge(text string) error { return fmt.Errorf("size %q is too large", text) }

// parse reads a number and its unit; with a B behind the unit's letter, it is a power of
// base.
func parse(text string, base int64) (int64, error) {
	number := strings.TrimRight(text, "BKMGTPbikmgtp")
	factor, known := unit(strings.ToUpper(text[len(number):]), base)
	if !known || number == "" || strings.Trim(number, "0123456789.") != "" {
		return 0, notASize(text)
	}
	if whole, err := strconv.ParseInt(number, 10, 64); err == nil {
		if whole > math.MaxInt64/factor {
			return 0, tooLarge(text)
		}
		return whole * factor, nil
	}
	value, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return 0, notASize(text)
	case value*float64(factor) >= math.MaxInt64:
		return 0, tooLarge(text)
	}
	return int64(value * float64(factor)), nil
}

// unit returns how many bytes a unit is.
func unit(name string, base int64) (bytes int64, ok bool) {
	letter := strings.TrimSuffix(name, "IB")
	if letter == name && len(name) == 2 {
		letter = strings.TrimSuffix(name, "B")
	} else {
		base = 1024
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
