package word

import (
	"strconv"

	"bootrc/sh/arith"
	"bootrc/sh/syntax"
)

// arithmetic expands $((…)): first the expansions within, as if quoted, then the
// value of the text that results.
func (e *expander) arithmetic(a *syntax.Arithmetic, q quoting) error {
	n := expander{state: e.state, to: toText}
	if err := n.parts(a.Parts, quoted); err != nil {
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
