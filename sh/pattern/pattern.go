// Package pattern matches shell patterns (XCU 2.14): *, ? and bracket
// expressions, with a backslash before what is to be literal. A character is a
// byte, as in the POSIX locale, the only one that this shell has.
//
// A pattern becomes runs of fixed length between its asterisks; each run is
// looked for once, so that no pattern takes more than its length times that of
// the text.
package pattern

import "strings"

// Pattern is a compiled pattern. It may be used from several goroutines.
type Pattern struct {
	runs []run // what stands between the asterisks; one run: there is no asterisk
}

// run matches a text of its own length: of literal when elements is nil.
type run struct {
	literal  string
	elements []element
}

// element matches one byte.
type element struct {
	set     *set // nil: any byte, or the one that literal is
	literal byte
	any     bool
}

// special are the bytes that mean something in some place of a pattern.
const special = `*?[]\!-^:.=`

// AppendQuoted appends to b a pattern that matches exactly the text.
func AppendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		if strings.IndexByte(special, text[i]) >= 0 {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return b
}

// IsSpecial tells whether text, none of it quoted, has a character that can match
// another than itself.
func IsSpecial(text string) bool { return strings.ContainsAny(text, "*?[") }

// Compile reads a pattern. Every text is one: a bracket that is not closed stands for itself.
func Compile(text string) *Pattern {
	p := new(Pattern)
	var current runBuilder
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '*':
			p.runs = append(p.runs, current.run())
			for i < len(text) && text[i] == '*' {
				i++
			}
			continue
		case '?':
			current.add(element{any: true})
		case '[':
			if s, width := bracket(text[i:]); s != nil {
				current.add(element{set: s})
				i += width
				continue
			}
			current.addLiteral(c)
		case '\\':
			if i+1 < len(text) {
				i++
			}
			current.addLiteral(text[i])
		default:
			current.addLiteral(c)
		}
		i++
	}
	p.runs = append(p.runs, current.run())
	return p
}

// runBuilder collects a run, as bytes for as long as it is literal.
type runBuilder struct {
	literal  []byte
	elements []element
}

func (b *runBuilder) addLiteral(c byte) {
	if b.elements != nil {
		b.elements = append(b.elements, element{literal: c})
		return
	}
	b.literal = append(b.literal, c)
}

func (b *runBuilder) add(e element) {
	if b.elements == nil {
		b.elements = make([]element, 0, len(b.literal)+4)
		for _, c := range b.literal {
			b.elements = append(b.elements, element{literal: c})
		}
	}
	b.elements = append(b.elements, e)
}

// run returns what was collected, and begins anew.
func (b *runBuilder) run() run {
	r := run{string(b.literal), b.elements}
	if b.elements != nil {
		r.literal = ""
	}
	b.literal, b.elements = b.literal[:0], nil
	return r
}
