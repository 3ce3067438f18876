package cmdline

import (
	"slices"

	"bootrc/kit/secret"
)

// Secrets are functions by the names of arguments: each returns what must never be shown
// of a value. The domain whose grammar a value has knows best.
type Secrets map[string]func(value string) []string

// Secrets returns what of the line's values must never be shown: what the domains say,
// and what is secret in URLs, wherever they stand.
func (l *Line) Secrets(domains Secrets) []string {
	var all []string
	for i := range Table {
		name := Table[i].Name
		for _, value := range l.values[name] {
			if of := domains[name]; of != nil {
				all = append(all, of(value)...)
			}
			all = append(all, secret.InURLs(value)...)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}
