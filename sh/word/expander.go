package word

import (
	"slices"
	"strings"

	"bootrc/sh/pattern"
	"bootrc/sh/syntax"
)

// target is what a word becomes.
type target int

const (
	toFields target = iota
	toText
	toPattern // text in which a backslash stands before what is literal
)

// quoting is how the text at hand is quoted.
type quoting int

const (
	unquoted quoting = iota
	within           // the word of an unquoted ${name-word}: what it has unquoted is split
	quoted
)

// expander expands one word.
type expander struct {
	state  State
	to     target
	colons bool // a tilde counts also behind a colon
	fields []string

	// the field at hand
	text    []byte
	open    bool  // there is a field, though it may be empty
	literal []int // where the quoted parts of text begin and end, by turns
	special bool  // text has a * ? or [ that is not quoted

	separators
}

// word expands the parts of a word that begins here, with its tildes.
func (e *expander) word(w *syntax.Word, q quoting) error {
	if w == nil {
		return nil
	}
	parts := w.Parts
	if len(parts) > 0 {
		if first, ok := parts[0].(syntax.Lit); ok {
			e.afterColons(e.tilde(string(first), len(parts) == 1), len(parts) == 1, q)
			parts = parts[1:]
		}
	}
	return e.parts(parts, q)
}

func (e *expander) parts(parts []syntax.Part, q quoting) error {
	for i, part := range parts {
		if err := e.part(part, q, i == len(parts)-1); err != nil {
			return err
		}
	}
	return nil
}

func (e *expander) part(part syntax.Part, q quoting, last bool) error {
	switch p := part.(type) {
	case syntax.Lit:
		e.afterColons(string(p), last, q)
	case syntax.Quoted:
		e.quoted(string(p))
	case *syntax.DoubleQuoted:
		e.open = e.open || len(p.Parts) == 0
		return e.parts(p.Parts, quoted)
	case *syntax.Param:
		return e.parameter(p, q)
	case *syntax.Substitution:
		out, err := e.state.Substitute(p)
		if err != nil {
			return err
		}
		e.value(strings.TrimRight(strings.ReplaceAll(out, "\x00", ""), "\n"), q)
	case *syntax.Arithmetic:
		return e.arithmetic(p, q)
	}
	return nil
}

// lit takes literal text.
func (e *expander) lit(text string, q quoting) {
	if q == within {
		e.split(text)
	} else {
		e.unquoted(text)
	}
}

// value takes what an expansion resulted in.
func (e *expander) value(text string, q quoting) {
	if q == quoted {
		e.quoted(text)
	} else {
		e.split(text)
	}
}

// quoted adds text to the field in which each character is literal.
func (e *expander) quoted(text string) {
	e.open = true
	switch {
	case e.to == toPattern:
		e.text = pattern.AppendQuoted(e.text, text)
		return
	case e.to == toFields && text != "":
		if n := len(e.literal); n > 0 && e.literal[n-1] == len(e.text) {
			e.literal[n-1] += len(text)
		} else {
			e.literal = append(e.literal, len(e.text), len(e.text)+len(text))
		}
	}
	e.text = append(e.text, text...)
}

// unquoted adds text to the field that may be a pattern.
func (e *expander) unquoted(text string) {
	if text == "" {
		return
	}
	e.open = true
	e.special = e.special || e.to == toFields && pattern.IsSpecial(text)
	e.text = append(e.text, text...)
}

// closeField ends the field at hand, if there is one.
func (e *expander) closeField() {
	if !e.open {
		return
	}
	e.open = false
	if e.special && !e.state.Option('f') {
		if names := pattern.Glob(e.state.Dir(), e.fieldPattern()); names != nil {
			e.fields = append(e.fields, names...)
			e.reset()
			return
		}
	}
	e.fields = append(e.fields, string(e.text))
	e.reset()
}

func (e *expander) reset() {
	e.text, e.literal, e.special = e.text[:0], e.literal[:0], false
}

// fieldPattern is the field's text as a pattern.
func (e *expander) fieldPattern() string {
	var b []byte
	at := 0
	for span := range slices.Chunk(e.literal, 2) {
		b = append(b, e.text[at:span[0]]...)
		b = pattern.AppendQuoted(b, string(e.text[span[0]:span[1]]))
		at = span[1]
	}
	return string(append(b, e.text[at:]...))
}
