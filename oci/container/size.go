package container

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// parseSize reads a number of bytes with podman's units: b, k, m, g or t, each a
// power of 1024, with a B or iB behind it or not.
func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(strings.ToLower(text), "bkmgti")
	unit := strings.ToLower(text)[len(digits):]
	number, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	factors := map[string]float64{
		"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20,
		"g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30, "t": 1 << 40, "tb": 1 << 40, "tib": 1 << 40,
	}
	factor, known := factors[unit]
	if err != nil || !known || !(number >= 0) || number*factor >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is no size, such as 512m", text)
	}
	return int64(number * factor), nil
}
