package word

import (
	"strconv"
	"strings"

	"bootrc/sh/pattern"

	"mvdan.cc/sh/v3/syntax"
)

// isList tells whether the parameter is $@ or $*.
func isList(name string) bool { return name == "@" || name == "*" }

// parameter expands $name and ${…} (XCU 2.6.2).
func (e *expander) parameter(p *syntax.ParamExp, q quoting) error {
	name := p.Param.Value
	switch {
	case p.Excl || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0:
		return &SubstitutionError{"${" + name + "…}"}
	case p.Length:
		return e.length(name, q)
	case p.Exp != nil:
		return e.operation(name, p.Exp, q)
	case isList(name):
		e.list(name, q, nil)
		return nil
	}
	text, err := e.plainParameter(name)
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
	case '1' <= c && c <= '9', c == '0' && len(name) > 1:
		params := e.state.Params()
		n, err := strconv.Atoi(name)
		if err != nil || n > len(params) {
			return "", false
		}
		if n == 0 {
			return e.state.Special('0')
		}
		return params[n-1], true
	case c == '#':
		return strconv.Itoa(len(e.state.Params())), true
	case isList(name):
		return strings.Join(e.state.Params(), e.separator()), true
	case c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z':
		return e.state.Variable(name)
	default:
		return e.state.Special(c)
	}
}

// list expands $@ or $*, each parameter changed by change, if that is not nil.
func (e *expander) list(name string, q quoting, change func(string) string) {
	params := e.state.Params()
	joined := e.to != toFields || q >= quoted && name == "*"
	if joined && q >= quoted {
		e.open = true
	}
	for i, param := range params {
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

// length expands ${#name}.
func (e *expander) length(name string, q quoting) error {
	text, err := e.plainParameter(name)
	if err == nil {
		e.value(strconv.Itoa(len(text)), q)
	}
	return err
}

// operation expands ${name-word} and its like.
func (e *expander) operation(name string, exp *syntax.Expansion, q quoting) error {
	switch exp.Op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		return e.remove(name, exp, q)
	}
	text, set := e.lookup(name)
	switch exp.Op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.AssignUnsetOrNull, syntax.ErrorUnsetOrNull:
		set = set && text != ""
	}
	switch exp.Op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if set {
			return e.substitute(exp.Word, q)
		}
		e.open = e.open || q >= quoted
		return nil
	}
	if set && isList(name) {
		e.list(name, q, nil)
		return nil
	}
	if set {
		e.value(text, q)
		return nil
	}
	switch exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		return e.substitute(exp.Word, q)
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		return e.assign(name, exp.Word, q)
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return e.unset(name, exp, q)
	}
	return &SubstitutionError{"${" + name + exp.Op.String() + "…}"}
}

// substitute expands the word of ${name-word}.
func (e *expander) substitute(w *syntax.Word, q quoting) error {
	if q < quoted {
		return e.word(w, within)
	}
	e.open = e.open || w == nil
	return e.word(w, withinQuoted)
}

// assign expands ${name=word}.
func (e *expander) assign(name string, w *syntax.Word, q quoting) error {
	if !syntax.ValidName(name) {
		return &SubstitutionError{"${" + name + "=…}"}
	}
	text, err := e.nested(w, q)
	if err != nil {
		return err
	}
	if err := e.state.Assign(name, text); err != nil {
		return err
	}
	if name == "IFS" {
		e.known = false
	}
	e.value(text, q)
	return nil
}

// nested expands the word of a ${…} to a text of its own.
func (e *expander) nested(w *syntax.Word, q quoting) (string, error) {
	n := expander{state: e.state, to: toText, colons: e.colons}
	if q >= quoted {
		q = withinQuoted
	}
	err := n.word(w, q)
	return string(n.text), err
}

func (e *expander) unset(name string, exp *syntax.Expansion, q quoting) error {
	message, err := e.nested(exp.Word, q)
	if err != nil {
		return err
	}
	if exp.Word == nil {
		message = "parameter not set"
		if exp.Op == syntax.ErrorUnsetOrNull {
			message += " or null"
		}
	}
	return &UnsetError{name, message}
}

// remove expands ${name#pattern} and its like. The pattern is not quoted by quotes
// around the whole.
func (e *expander) remove(name string, exp *syntax.Expansion, q quoting) error {
	text, err := e.plainParameter(name)
	if err != nil {
		return err
	}
	compiled, err := patternText(e.state, exp.Word)
	if err != nil {
		return err
	}
	trim := trimmer(exp.Op, compiled)
	if isList(name) {
		e.list(name, q, trim)
	} else {
		e.value(trim(text), q)
	}
	return nil
}

func trimmer(op syntax.ParExpOperator, text string) func(string) string {
	p := pattern.Compile(text)
	longest := op == syntax.RemLargePrefix || op == syntax.RemLargeSuffix
	if op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix {
		return func(text string) string { return p.TrimPrefix(text, longest) }
	}
	return func(text string) string { return p.TrimSuffix(text, longest) }
}
