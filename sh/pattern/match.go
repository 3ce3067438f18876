package pattern

import "strings"

// Match tells whether the pattern matches the whole text.
func (p *Pattern) Match(text string) bool {
	first, last := p.runs[0], p.runs[len(p.runs)-1]
	if len(p.runs) == 1 {
		return len(text) == first.len() && first.at(text)
	}
	if len(text) < first.len()+last.len() || !first.at(text) || !last.at(text[len(text)-last.len():]) {
		return false
	}
	rest := text[first.len() : len(text)-last.len()]
	for _, r := range p.runs[1 : len(p.runs)-1] {
		i := r.index(rest)
		if i < 0 {
			return false
		}
		rest = rest[i+r.len():]
	}
	return true
}

// TrimPrefix returns text without its shortest, or longest, prefix that the pattern matches.
func (p *Pattern) TrimPrefix(text string, longest bool) string {
	first, last := p.runs[0], p.runs[len(p.runs)-1]
	if len(text) < first.len() || !first.at(text) {
		return text
	}
	rest := text[first.len():]
	if len(p.runs) == 1 {
		return rest
	}
	for _, r := range p.runs[1 : len(p.runs)-1] {
		i := r.index(rest)
		if i < 0 {
			return text
		}
		rest = rest[i+r.len():]
	}
	i := last.index(rest)
	if longest {
		i = last.lastIndex(rest)
	}
	if i < 0 {
		return text
	}
	return rest[i+last.len():]
}

// TrimSuffix returns text without its shortest, or longest, suffix that the pattern matches.
func (p *Pattern) TrimSuffix(text string, longest bool) string {
	first, last := p.runs[0], p.runs[len(p.runs)-1]
	if len(text) < last.len() || !last.at(text[len(text)-last.len():]) {
		return text
	}
	rest := text[:len(text)-last.len()]
	if len(p.runs) == 1 {
		return rest
	}
	for k := len(p.runs) - 2; k > 0; k-- {
		i := p.runs[k].lastIndex(rest)
		if i < 0 {
			return text
		}
		rest = rest[:i]
	}
	i := first.lastIndex(rest)
	if longest {
		i = first.index(rest)
	}
	if i < 0 {
		return text
	}
	return rest[:i]
}

func (r run) len() int {
	if r.elements != nil {
		return len(r.elements)
	}
	return len(r.literal)
}

// at tells whether text, which is no shorter than the run, begins with it.
func (r run) at(text string) bool {
	if r.elements == nil {
		return text[:len(r.literal)] == r.literal
	}
	for i, e := range r.elements {
		switch {
		case e.any:
		case e.set != nil:
			if !e.set.has(text[i]) {
				return false
			}
		case e.literal != text[i]:
			return false
		}
	}
	return true
}

// index returns the first place in text where the run is, or -1.
func (r run) index(text string) int {
	if r.elements == nil {
		return strings.Index(text, r.literal)
	}
	for i := 0; i+len(r.elements) <= len(text); i++ {
		if r.at(text[i:]) {
			return i
		}
	}
	return -1
}

// lastIndex returns the last place in text where the run is, or -1.
func (r run) lastIndex(text string) int {
	if r.elements == nil {
		return strings.LastIndex(text, r.literal)
	}
	for i := len(text) - len(r.elements); i >= 0; i-- {
		if r.at(text[i:]) {
			return i
		}
	}
	return -1
}
