// Package seconds reads times as the arguments and commands of the boot have them.
package seconds

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Parse reads a number of seconds, which may have a fraction, or of minutes, hours
// or days with m, h or d behind it, as sleep(1) does: 90, 0.5, 1.5m, 2d.
func Parse(text string) (time.Duration, error) {
	unit := time.Second
	number := strings.TrimRight(text, "smhd")
	switch text[len(number):] {
	case "", "s":
	case "m":
		unit = time.Minute
	case "h":
		unit = time.Hour
	case "d":
		unit = 24 * time.Hour
	default:
		number = ""
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n*float64(unit) < math.MaxInt64/2) {
		return 0, fmt.Errorf("%q is not a time: give seconds, such as 0.5, or a number with m, h or d", text)
	}
	return time.Duration(n * float64(unit)), nil
}
