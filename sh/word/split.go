package word

import "strings"

// separators are the bytes at which the fields of a word part (XCU 2.6.5).
type separators struct {
	known    bool
	all      string // the value of IFS
	softened bool   // white space ended a field, so that one separator that is not space ends nothing
}

const defaultSeparators = " \t\n"

// ifs returns the value of IFS, by default space, tab and newline.
func (e *expander) ifs() string {
	if !e.known {
		e.known = true
		value, set := e.state.Variable("IFS")
		if !set {
			value = defaultSeparators
		}
		e.all = value
	}
	return e.all
}

// split takes the result of an expansion that is not quoted. White space of IFS
// parts fields; each other byte of it ends one, also an empty one.
func (e *expander) split(text string) {
	if e.to != toFields {
		e.unquoted(text)
		return
	}
	ifs := e.ifs()
	e.softened = false
	for text != "" {
		i := indexAny(text, ifs)
		if i < 0 {
			e.unquoted(text)
			return
		}
		if i > 0 {
			e.unquoted(text[:i])
			e.softened = false
		}
		switch {
		case strings.IndexByte(defaultSeparators, text[i]) >= 0:
			e.softened = e.softened || e.open
			e.closeField()
		case e.softened && !e.open:
			e.softened = false
		default:
			e.open = true
			e.closeField()
		}
		text = text[i+1:]
	}
}

// indexAny is strings.IndexAny, by bytes.
func indexAny(text, bytes string) int {
	for i := range len(text) {
		if strings.IndexByte(bytes, text[i]) >= 0 {
			return i
		}
	}
	return -1
}

// separator is what joins the parameters of "$*": the first byte of IFS.
func (e *expander) separator() string {
	ifs := e.ifs()
	return ifs[:min(1, len(ifs))]
}
