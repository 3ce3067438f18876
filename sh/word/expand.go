package word

import (
	"strings"

	"bootrc/sh/pattern"

	"mvdan.cc/sh/v3/syntax"
)

// Command expands the words of a simple command into its name and arguments. The
// arguments NAME=value of export, readonly and local, also behind `command`, are
// expanded as assignments (XCU 2.9.1.1, "declaration utility").
func Command(s State, words []*syntax.Word) ([]string, error) {
	fields := make([]string, 0, len(words)+2)
	var err error
	declares := false
	for i, w := range words {
		switch {
		case declares && isAssignment(w):
			var text string
			if text, err = Assignment(s, w); err == nil {
				fields = append(fields, text)
			}
		default:
			fields, err = Fields(s, fields, w)
			if i == 0 && len(fields) > 0 {
				declares = isDeclaration(words)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// isDeclaration tells whether the command's name is literally that of a declaration utility.
func isDeclaration(words []*syntax.Word) bool {
	for _, w := range words {
		switch literal(w) {
		case "command":
			continue
		case "export", "readonly", "local":
			return true
		}
		return false
	}
	return false
}

// isAssignment tells whether a word begins with a literal NAME=.
func isAssignment(w *syntax.Word) bool {
	first, ok := w.Parts[0].(*syntax.Lit)
	if !ok {
		return false
	}
	name, _, found := strings.Cut(first.Value, "=")
	return found && syntax.ValidName(name)
}

// literal returns a word that is one plain literal, or "".
func literal(w *syntax.Word) string {
	if len(w.Parts) == 1 {
		if l, ok := w.Parts[0].(*syntax.Lit); ok && plain(l.Value) {
			return l.Value
		}
	}
	return ""
}

// plain tells whether an unquoted literal stands for itself wherever it is.
func plain(text string) bool {
	for i := range len(text) {
		switch text[i] {
		case '\\', '~', '*', '?', '[':
			return false
		}
	}
	return text != ""
}

// Fields appends the fields of a word to fields: with splitting and pathname expansion.
func Fields(s State, fields []string, w *syntax.Word) ([]string, error) {
	if text, ok, err := simple(s, w, true); ok || err != nil {
		return append(fields, text), err
	}
	e := expander{state: s, to: toFields, fields: fields}
	if err := e.word(w, unquoted); err != nil {
		return fields, err
	}
	e.closeField()
	return e.fields, nil
}

// Text expands a word into one text: with neither splitting nor pathname expansion.
func Text(s State, w *syntax.Word) (string, error) {
	return text(s, w, expander{state: s, to: toText})
}

// Assignment is Text, with tildes also behind the first = and each unquoted colon.
// A nil word is "".
func Assignment(s State, w *syntax.Word) (string, error) {
	return text(s, w, expander{state: s, to: toText, colons: true})
}

func text(s State, w *syntax.Word, e expander) (string, error) {
	if w == nil {
		return "", nil
	}
	if text, ok, err := simple(s, w, false); ok || err != nil {
		return text, err
	}
	err := e.word(w, unquoted)
	return string(e.text), err
}

// Document expands the body of a here-document whose delimiter is not quoted.
func Document(s State, w *syntax.Word) (string, error) {
	if w == nil {
		return "", nil
	}
	e := expander{state: s, to: toText}
	err := e.parts(w.Parts, document)
	return string(e.text), err
}

// Pattern expands a word into a pattern, in which quoted characters are literal.
func Pattern(s State, w *syntax.Word) (*pattern.Pattern, error) {
	text, err := patternText(s, w)
	if err != nil {
		return nil, err
	}
	return pattern.Compile(text), nil
}

func patternText(s State, w *syntax.Word) (string, error) {
	if w == nil {
		return "", nil
	}
	e := expander{state: s, to: toPattern}
	err := e.word(w, unquoted)
	return string(e.text), err
}

// Match tells whether text matches the pattern that the word expands to.
func Match(s State, w *syntax.Word, text string) (bool, error) {
	if l := literal(w); l != "" {
		return l == text, nil
	}
	p, err := patternText(s, w)
	if err != nil {
		return false, err
	}
	if p == "*" {
		return true, nil
	}
	return pattern.Compile(p).Match(text), nil
}

// simple expands the words that most scripts are made of, with no work beyond a
// lookup: a plain literal, 'text', "$name" and, unless it would be split, $name.
func simple(s State, w *syntax.Word, splits bool) (text string, ok bool, err error) {
	if len(w.Parts) != 1 {
		return "", false, nil
	}
	part := w.Parts[0]
	switch p := part.(type) {
	case *syntax.Lit:
		return p.Value, plain(p.Value), nil
	case *syntax.SglQuoted:
		return p.Value, !p.Dollar, nil
	case *syntax.DblQuoted:
		if len(p.Parts) != 1 {
			return "", len(p.Parts) == 0, nil
		}
		if l, ok := p.Parts[0].(*syntax.Lit); ok && strings.IndexByte(l.Value, '\\') < 0 {
			return l.Value, true, nil
		}
		part, splits = p.Parts[0], false
	}
	p, isParam := part.(*syntax.ParamExp)
	if !isParam || splits || !p.Short || isList(p.Param.Value) {
		return "", false, nil
	}
	e := expander{state: s}
	text, err = e.plainParameter(p.Param.Value)
	return text, true, err
}
