// Package order sorts lists without code of their own: package slices compiles 13 KB for each
// type that one of its functions sorts by a comparison.
package order

import "sort"

// By sorts a list as slices.SortStableFunc does.
func By[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
