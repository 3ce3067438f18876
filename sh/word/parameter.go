package word

import (
	"strconv"
	"strings"

	"bootrc/sh/pattern"
	"bootrc/sh/syntax"
)

// isList tells whether the parameter is $@ or $*.
func isList(name string) bool { return name == "@" || name == "*" }

// parameter expands $name and ${…} (XCU 2.6.2).
func (e *expander) parameter(p *syntax.Param, q quoting) error {
	switch {
	case p.Op == syntax.BadParam:
		return &SubstitutionError{p.Text}
	case p.Op >= syntax.RemoveShortSuffix:
		return e.remove(p, q)
	case p.Op != syntax.Plain:
		return e.operation(p, q)
	case isList(p.Name) && !p.Length:
		e.list(p.Name, q, nil)
		return nil
	}
	text, err := e.plainParameter(p.Name)
	if p.Length {
		text = strconv.Itoa(len(text))
	}
	if err == nil {
		e.value(text, q)
	}
	return err
}

// plainParameter returns the value of a parameter that no operator guards.
func (e *expander) plainParameter(name string) (string, error) {
	text, set := e.lookup(name)
	if !set && e.state.Option('u') {
		return "", &UnsetError{name, "parameter not set"}
	}
	return text, nil
}

// lookup returns the value of any parameter. $@ and $* are always set.
func (e *expander) lookup(name string) (text string, set bool) {
	switch c := name[0]; {
	case c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z':
		return e.state.Variable(name)
	case '0' <= c && c <= '9':
		return e.positional(name)
	case c == '#':
		return strconv.Itoa(len(e.state.Params())), true
	case isList(name):
		return strings.Join(e.state.Params(), e.separator()), true
	default:
		return e.state.Special(c)
	}
}

func (e *expander) positional(digits string) (text string, set bool) {
	params := e.state.Params()
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n > len(params):
		return "", false
	case n == 0:
		return e.state.Special('0')
	}
	return params[n-1], true
}

// list expands $@ or $*, each parameter changed by change, if that is not nil.
func (e *expander) list(name string, q quoting, change func(string) string) {
	joined := e.to != toFields || q == quoted && name == "*"
	if joined && q == quoted {
		e.open = true
	}
	for i, param := range e.state.Params() {
		switch {
		case i == 0:
		case !joined:
			e.closeField()
		default:
			e.quoted(e.separator())
		}
		if change != nil {
			param = change(param)
		}
		e.value(param, q)
	}
}

// operation expands ${name-word} and its like.
func (e *expander) operation(p *syntax.Param, q quoting) error {
	text, set := e.lookup(p.Name)
	set = set && (!p.Colon || text != "")
	switch {
	case p.Op == syntax.Alternative && set, p.Op == syntax.Default && !set:
		return e.substitute(p.Word, q)
	case p.Op == syntax.Alternative:
		e.open = e.open || q == quoted
	case set && isList(p.Name):
		e.list(p.Name, q, nil)
	case set:
		e.value(text, q)
	case p.Op == syntax.AssignDefault:
		return e.assign(p, q)
	default:
		return e.unset(p, q)
	}
	return nil
}

// substitute expands the word of ${name-word}.
func (e *expander) substitute(w *syntax.Word, q quoting) error {
	if q == unquoted {
		q = within
	}
	e.open = e.open || q == quoted && w == nil
	return e.word(w, q)
}

// assign expands ${name=word}.
func (e *expander) assign(p *syntax.Param, q quoting) error {
	if !syntax.IsName(p.Name) {
		return &SubstitutionError{p.Text}
	}
	text, err := e.nested(p.Word, q)
	if err == nil {
		err = e.state.Assign(p.Name, text)
	}
	if err != nil {
		return err
	}
	e.known = e.known && p.Name != "IFS"
	e.value(text, q)
	return nil
}

// unset is the error of ${name?word}.
func (e *expander) unset(p *syntax.Param, q quoting) error {
	message, err := e.nested(p.Word, q)
	if err != nil {
		return err
	}
	if p.Word == nil {
		message = "parameter not set"
		if p.Colon {
			message += " or null"
		}
	}
	return &UnsetError{p.Name, message}
}

// nested expands the word of a ${…} to a text of its own.
func (e *expander) nested(w *syntax.Word, q quoting) (string, error) {
	n := expander{state: e.state, to: toText, colons: e.colons}
	err := n.word(w, q)
	return string(n.text), err
}

// remove expands ${name#pattern} and its like. Quotes around the whole do not quote
// the pattern.
func (e *expander) remove(p *syntax.Param, q quoting) error {
	text, err := e.plainParameter(p.Name)
	if err != nil {
		return err
	}
	trim, err := e.trimmer(p)
	if err != nil {
		return err
	}
	if isList(p.Name) {
		e.list(p.Name, q, trim)
	} else {
		e.value(trim(text), q)
	}
	return nil
}

func (e *expander) trimmer(p *syntax.Param) (func(string) string, error) {
	text := ""
	if p.Word != nil {
		var err error
		if text, err = patternText(e.state, p.Word); err != nil {
			return nil, err
		}
	}
	compiled := pattern.Compile(text)
	longest := p.Op == syntax.RemoveLongPrefix || p.Op == syntax.RemoveLongSuffix
	trim := compiled.TrimSuffix
	if p.Op == syntax.RemoveShortPrefix || p.Op == syntax.RemoveLongPrefix {
		trim = compiled.TrimPrefix
	}
	return func(text string) string { return trim(text, longest) }, nil
}
