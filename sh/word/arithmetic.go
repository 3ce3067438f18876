package word

import (
	"strconv"

	"bootrc/sh/arith"

	"mvdan.cc/sh/v3/syntax"
)

// arithmetic expands $((…)): first the expansions within, as if quoted, then the
// value of the text that results.
func (e *expander) arithmetic(a *syntax.ArithmExp, q quoting) error {
	n := expander{state: e.state, to: toText}
	if err := n.expression(a.X); err != nil {
		return err
	}
	value, err := arith.Evaluate(string(n.text), e.state)
	if err != nil {
		return err
	}
	e.known = false // the expression may have assigned to IFS
	e.value(strconv.FormatInt(value, 10), q)
	return nil
}

// expression writes a parsed expression as text again, with its words expanded: an
// expansion within it may hold operators.
func (e *expander) expression(x syntax.ArithmExpr) error {
	switch x := x.(type) {
	case *syntax.Word:
		return e.parts(x.Parts, quoted)
	case *syntax.ParenArithm:
		return e.enclosed("(", x.X, ")")
	case *syntax.UnaryArithm:
		if x.Post {
			return e.enclosed("", x.X, x.Op.String())
		}
		return e.enclosed(x.Op.String(), x.X, "")
	case *syntax.BinaryArithm:
		if err := e.enclosed("", x.X, x.Op.String()); err != nil {
			return err
		}
		return e.enclosed("", x.Y, "")
	}
	return nil
}

func (e *expander) enclosed(before string, x syntax.ArithmExpr, after string) error {
	e.quoted(before)
	err := e.expression(x)
	e.quoted(after)
	return err
}
