package word

import (
	"strings"

	"bootrc/sh/pattern"
	"bootrc/sh/syntax"
)

// Command expands the words of a simple command into its name and arguments. The
// arguments NAME=value of export, readonly and local, also behind `command`, are
// expanded as assignments (XCU 2.9.1.1, "declaration utility").
func Command(s State, words []*syntax.Word) ([]string, error) {
	fields := make([]string, 0, len(words)+2)
	declares := len(words) > 1 && isDeclaration(words)
	for _, w := range words {
		var err error
		if declares && isAssignment(w) {
			var text string
			text, err = declaration(s, w)
			fields = append(fields, text)
		} else {
			fields, err = Fields(s, fields, w)
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
		switch w.Literal {
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
	if len(w.Parts) == 0 {
		return false
	}
	first, _ := w.Parts[0].(syntax.Lit)
	name, _, found := strings.Cut(string(first), "=")
	return found && syntax.IsName(name)
}

// declaration expands an argument NAME=value.
func declaration(s State, w *syntax.Word) (string, error) {
	name, value, _ := strings.Cut(string(w.Parts[0].(syntax.Lit)), "=")
	parts := append([]syntax.Part{syntax.Lit(value)}, w.Parts[1:]...)
	text, err := Assignment(s, &syntax.Word{Parts: parts})
	return name + "=" + text, err
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
	return text(s, w, false)
}

// Assignment is Text, with tildes also behind each unquoted colon.
func Assignment(s State, w *syntax.Word) (string, error) {
	return text(s, w, true)
}

func text(s State, w *syntax.Word, colons bool) (string, error) {
	if text, ok, err := simple(s, w, false); ok || err != nil {
		return text, err
	}
	e := expander{state: s, to: toText, colons: colons}
	err := e.word(w, unquoted)
	return string(e.text), err
}

// Match tells whether text matches the pattern that the word expands to, in which
// quoted characters are literal.
func Match(s State, w *syntax.Word, text string) (bool, error) {
	if w.Fixed {
		return w.Literal == text, nil
	}
	if compiled, ok := w.Compiled.Load().(*pattern.Pattern); ok {
		return compiled.Match(text), nil
	}
	p, err := patternText(s, w)
	if err != nil || p == "*" {
		return err == nil, err
	}
	compiled := pattern.Compile(p)
	if w.Constant {
		w.Compiled.Store(compiled)
	}
	return compiled.Match(text), nil
}

func patternText(s State, w *syntax.Word) (string, error) {
	e := expander{state: s, to: toPattern}
	err := e.word(w, unquoted)
	return string(e.text), err
}

// simple expands the words that most scripts are made of, with no work beyond a
// lookup: those that are always the same, "$name" and, unless it would be split, $name.
func simple(s State, w *syntax.Word, splits bool) (text string, ok bool, err error) {
	if w.Fixed {
		return w.Literal, true, nil
	}
	if len(w.Parts) != 1 {
		return "", false, nil
	}
	part := w.Parts[0]
	if quotes, ok := part.(*syntax.DoubleQuoted); ok && len(quotes.Parts) == 1 {
		part, splits = quotes.Parts[0], false
	}
	p, isParam := part.(*syntax.Param)
	if !isParam || splits || p.Length || p.Op != syntax.Plain || isList(p.Name) {
		return "", false, nil
	}
	e := expander{state: s}
	text, err = e.plainParameter(p.Name)
	return text, true, err
}
