package index

// Match reports whether the whole of text matches pattern as fnmatch(3) without
// flags does: "*", "?", sets "[a-f]" and "[!a-f]", and "\" before a literal.
// It takes at most len(pattern)*len(text) steps.
func Match(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0 // the last "*", and where its match ends so far
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, t
			p++
			continue
		}
		if n, ok := matchOne(pattern[p:], text[t]); ok {
			p += n
			t++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one byte with what pattern starts with, and returns how long
// that is.
func matchOne(pattern string, c byte) (n int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		if n, in := matchSet(pattern, c); n > 0 {
			return n, in
		}
	case '\\':
		if len(pattern) > 1 {
			return 2, pattern[1] == c
		}
	}
	return 1, pattern[0] == c
}

// matchSet matches one byte with the set that pattern starts with; n is 0 when
// the set has no end, so that "[" is a literal.
func matchSet(pattern string, c byte) (n int, in bool) {
	i := 1
	negated := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negated {
		i++
	}
	for first := i; i < len(pattern); {
		if pattern[i] == ']' && i > first {
			return i + 1, in != negated
		}
		low := pattern[i]
		high := low
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		i++
		in = in || low <= c && c <= high
	}
	return 0, false
}
