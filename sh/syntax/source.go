package syntax

import (
	"io"
	"strings"
)

// Source is where a Parser's text comes from.
type Source interface {
	// Line returns the next line with its newline, or more of the text. Its error is
	// io.EOF at the end. more tells that a command has begun and does not end yet.
	Line(more bool) (string, error)
}

// Text is a Source that is all there from the start.
func Text(text string) Source { return &wholeText{text} }

type wholeText struct{ text string }

func (t *wholeText) Line(bool) (string, error) {
	text := t.text
	t.text = ""
	if text == "" {
		return "", io.EOF
	}
	return text, nil
}

const eof = -1

// frame is a text that is being read: the script's, or an alias's in place of its name.
type frame struct {
	text  string
	pos   int
	alias string
	under *frame // where it goes on after the alias; nil for the script
}

// active tells whether f is, or is within, the text of that alias.
func (f *frame) active(alias string) bool {
	for ; f != nil; f = f.under {
		if f.under != nil && f.alias == alias {
			return true
		}
	}
	return false
}

// reader gives characters (bytes: what the language is made of is ASCII).
type reader struct {
	source  Source
	base    frame
	top     *frame
	line    int
	atEnd   bool
	reading error // of the source, but for io.EOF
	begun   bool  // a command has begun
	blank   bool  // the alias that ended last ends with a blank
}

// peek returns the next byte, or eof.
func (r *reader) peek() int {
	for r.top.pos >= len(r.top.text) {
		if r.top.under != nil {
			r.blank = endsInBlank(r.top.text)
			r.top = r.top.under
			continue
		}
		if r.atEnd || !r.fill() {
			return eof
		}
	}
	return int(r.top.text[r.top.pos])
}

func endsInBlank(alias string) bool {
	alias = strings.TrimSuffix(alias, "\\\n")
	return strings.HasSuffix(alias, " ") || strings.HasSuffix(alias, "\t")
}

func (r *reader) fill() bool {
	text, err := r.source.Line(r.begun)
	r.base.text += text
	if err != nil {
		r.atEnd = true
		if err != io.EOF {
			r.reading = err
		}
	}
	return text != ""
}

// forget drops what was read.
func (r *reader) forget() {
	r.base.text, r.base.pos = r.base.text[r.base.pos:], 0
}

// take returns the next byte and goes past it.
func (r *reader) take() int {
	c := r.peek()
	if c == eof {
		return eof
	}
	r.top.pos++
	if c == '\n' && r.top.under == nil {
		r.line++
	}
	return c
}

// mark is a place in the text to come back to.
type mark struct {
	top   *frame
	pos   int
	under []int // of the frames under top
	line  int
	blank bool
}

func (r *reader) mark() mark {
	m := mark{top: r.top, pos: r.top.pos, line: r.line, blank: r.blank}
	for f := r.top.under; f != nil; f = f.under {
		m.under = append(m.under, f.pos)
	}
	return m
}

func (r *reader) back(m mark) {
	r.top, r.line, r.blank = m.top, m.line, m.blank
	r.top.pos = m.pos
	for f := r.top.under; f != nil; f = f.under {
		f.pos, m.under = m.under[0], m.under[1:]
	}
}

// look is peek where a backslash joins lines: it goes past them.
func (r *reader) look() int {
	for {
		c := r.peek()
		if c != '\\' {
			return c
		}
		if at := r.top; at.pos+1 < len(at.text) {
			if at.text[at.pos+1] != '\n' {
				return c
			}
			r.take()
			r.take()
			continue
		}
		m := r.mark()
		r.take()
		if r.peek() != '\n' {
			r.back(m)
			return c
		}
		r.take()
	}
}

// accept goes past c if that is next.
func (r *reader) accept(c byte) bool {
	if r.look() != int(c) {
		return false
	}
	r.take()
	return true
}
