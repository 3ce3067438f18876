package command

import (
	"errors"
	"strings"
)

// Complete tells what word, which follows the words before it, can become: the
// verbs, options or choices that begin with it, and the name of the operand or
// value that is expected there, such as "FILE", for a shell that knows what
// there is of each; "" if nothing is.
func (c Command) Complete(before []string, word string) (offers []string, expected string) {
	call := &Call{Args: before}
	err := c.parse(call)
	missing, isMissing := errors.AsType[*missingValue](err)
	switch {
	case isMissing && missing.option.Kind == Choice:
		offers = strings.Split(missing.option.Value, "|")
	case isMissing:
		expected = missing.option.Value
	case err != nil:
	case strings.HasPrefix(word, "-"):
		for i := range c.Options {
			for name := range c.Options[i].spellings() {
				offers = append(offers, name)
			}
		}
	case len(c.Verbs) > 0 && len(call.Args) > 0:
		if verb, err := c.verb(call.Args); err == nil {
			return verb.Complete(call.Args[1:], word)
		}
	case len(c.Verbs) > 0:
		for _, v := range c.Verbs {
			offers = append(offers, v.Name)
		}
	default:
		expected = c.operand(len(call.Args))
	}
	return begunWith(word, offers), expected
}

// operand is the name of the operand at an index: the last if there can be more.
func (c *Command) operand(index int) string {
	names := strings.Fields(c.Operands)
	if len(names) > 0 && index >= len(names) && strings.Contains(names[len(names)-1], "…") {
		index = len(names) - 1
	}
	if index >= len(names) {
		return ""
	}
	return strings.Trim(names[index], "[]…")
}

func begunWith(prefix string, words []string) []string {
	var begun []string
	for _, word := range words {
		if strings.HasPrefix(word, prefix) {
			begun = append(begun, word)
		}
	}
	return begun
}
