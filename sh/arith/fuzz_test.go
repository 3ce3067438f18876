package arith

import (
	"maps"
	"testing"

	"bootrc/test/bound"
)

func FuzzEvaluate(f *testing.F) {
	for _, row := range rows {
		f.Add(row.expression)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		bound.Input(t, len(expression))
		Evaluate(expression, maps.Clone(given))
	})
}
