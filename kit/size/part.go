package size

import (
	"fmt"
	"strconv"
	"strings"
)

// Part is a part of something: of a file system, or of memory.
type Part struct {
	bytes   int64
	percent int64
}

// ParsePart reads a number of bytes, as Parse does, or a percentage: 500M, 2G, 20%.
func ParsePart(text string) (Part, error) {
	share, isShare := strings.CutSuffix(text, "%")
	if !isShare {
		bytes, err := Parse(text)
		if err != nil {
			err = fmt.Errorf("%w, or a percentage such as 20%%", err)
		}
		return Part{bytes: bytes}, err
	}
	percent, err := strconv.ParseUint(share, 10, 63)
	if err != nil {
		return Part{}, fmt.Errorf("%q is not a percentage, such as 20%%", text)
	}
	return Part{percent: int64(percent)}, nil
}

// Percent is the percentage, or 0 for a number of bytes.
func (p Part) Percent() int64 { return p.percent }

// IsZero tells whether the part is nothing.
func (p Part) IsZero() bool { return p == Part{} }

// Of returns the part in bytes where the whole has so many.
func (p Part) Of(whole int64) int64 { return p.bytes + whole/100*p.percent }
