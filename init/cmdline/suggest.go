package cmdline

import "fmt"

func unknown(name string) string {
	if near := Nearest(name, names()); near != "" {
		return fmt.Sprintf("unknown argument %q is ignored; did you mean %q?", name, near)
	}
	return fmt.Sprintf("unknown argument %q is ignored", name)
}

func names() []string {
	var all []string
	for i := range Table {
		all = append(all, Table[i].Name)
		all = append(all, Table[i].Old...)
	}
	return all
}

// Nearest returns the candidate with the smallest edit distance to name, or ""
// where none is near enough to be what was meant.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", 3
	for _, c := range candidates {
		if d := distance(name, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
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
