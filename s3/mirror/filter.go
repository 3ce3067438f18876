package mirror

import (
	"strings"
	"time"

	"bootrc/s3/tree"
)

// Filter chooses entries. What it leaves out is neither copied nor removed.
type Filter struct {
	Exclude, Include []string // patterns; Include, where there is one, excludes all else
	NewerThan        time.Time
	OlderThan        time.Time
}

// answer is what a filter says of an entry.
type answer uint8

const (
	no answer = iota
	yes
	perhaps // its time is not known: only that it was no later than its upload
)

// admits judges an entry of either side; none is no matter. Folders stay: a
// pattern is for what is in them, too.
func (f *Filter) admits(e *tree.Entry) answer {
	if e == nil {
		return yes
	}
	if matchesAny(f.Exclude, e.Name) {
		return no
	}
	if e.Kind == tree.Folder {
		return yes
	}
	if len(f.Include) > 0 && !matchesAny(f.Include, e.Name) {
		return no
	}
	return f.admitsTime(e)
}

func (f *Filter) admitsTime(e *tree.Entry) answer {
	changed := e.Attributes.Mtime
	unknown := changed.IsZero() && !e.Known
	if changed.IsZero() {
		changed = e.Modified
	}
	newer := f.NewerThan.IsZero() || changed.After(f.NewerThan)
	older := f.OlderThan.IsZero() || changed.Before(f.OlderThan)
	switch {
	case !newer, !older && !unknown:
		return no
	case unknown && !(f.NewerThan.IsZero() && older):
		return perhaps
	}
	return yes
}

func matchesAny(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if matches(pattern, name) {
			return true
		}
	}
	return false
}

// matches tells whether the whole name is like the pattern. As in mc, "*" is any
// text, slashes included, and "?" is any character. A folder's name is matched
// with and without its slash.
func matches(pattern, name string) bool {
	if match(pattern, name) {
		return true
	}
	folder, isFolder := strings.CutSuffix(name, "/")
	return isFolder && match(pattern, folder)
}

func match(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	star, from := -1, 0 // the last star, and where what follows it was tried
	i, j := 0, 0
	for j < len(n) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == n[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
