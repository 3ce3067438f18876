// Package nearest finds what somebody meant who misspelt a name.
package nearest

import (
	"fmt"
	"strings"
)

// Name returns the candidate with the smallest edit distance to name, or ""
// where none is near enough to be what was meant; it is not name itself.
func Name(name string, candidates []string) string {
	// what all names of a kind begin with, dashes or b2c., tells nothing
	own := strings.TrimLeft(name[strings.LastIndexByte(name, '.')+1:], "-")
	best, bestDistance := "", min(3, (len(own)+1)/2)
	for _, c := range candidates {
		if d := distance(name, c); 0 < d && d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// Question is what an error asks at its end about a misspelt name: `; did you mean "NAME"?`, or nothing.
func Question(name string, candidates []string) string {
	if near := Name(name, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
