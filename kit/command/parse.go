package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/nearest"
)

// errHelp is the answer to a call that asks for help.
var errHelp = errors.New("help is asked for")

// missingValue is a call that ends where an option's value is expected.
type missingValue struct {
	option *Option
	typed  string
}

func (m *missingValue) Error() string { return fmt.Sprintf("%s: expected %s", m.typed, m.option.Value) }

// parse reads the options in call.Args and leaves the operands there: getopt(3)
// and getopt_long(3), without abbreviated names.
func (c *Command) parse(call *Call) error {
	args := call.Args
	if c.Rewrite != nil {
		args = c.Rewrite(args)
	}
	call.declared = append(call.declared, c.Options...)
	if c.Literal {
		if slices.Equal(args, []string{"--help"}) {
			return errHelp
		}
		return nil
	}
	var operands []string
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word == "--" {
			operands = append(operands, args...)
			break
		}
		if len(word) < 2 || word[0] != '-' || c.IsOperand != nil && c.IsOperand(word) {
			operands = append(operands, word)
			if c.OptionsFirst || len(c.Verbs) > 0 {
				operands = append(operands, args...)
				break
			}
			continue
		}
		var err error
		if args, err = c.option(call, word, args); errors.Is(err, errHelp) {
			return err
		} else if err != nil {
			return &UsageError{Err: err}
		}
	}
	call.Args = operands
	return nil
}

// option reads the options in one word, and takes a value from the rest if one
// needs it.
func (c *Command) option(call *Call, word string, rest []string) ([]string, error) {
	typed, value, hasValue := strings.Cut(word, "=")
	whole := len(typed) > 2
	if o := c.spelled(typed); o != nil && whole {
		if !hasValue && !o.isFlag() {
			if len(rest) == 0 {
				return nil, &missingValue{o, typed}
			}
			value, rest = rest[0], rest[1:]
		} else if !hasValue {
			value = "true"
		}
		return rest, call.give(o, typed, value)
	}
	if strings.HasPrefix(word, "--") {
		return nil, c.unknown(typed)
	}
	for i, letter := range word[1:] {
		typed := "-" + string(letter)
		o := c.spelled(typed)
		if o == nil {
			return nil, c.unknown(typed)
		}
		value := word[1+i+len(string(letter)):]
		if o.isFlag() {
			set, hasValue := strings.CutPrefix(value, "=")
			if !hasValue {
				set = "true"
			}
			if err := call.give(o, typed, set); err != nil || hasValue {
				return rest, err
			}
			continue
		}
		if value == "" {
			if len(rest) == 0 {
				return nil, &missingValue{o, typed}
			}
			value, rest = rest[0], rest[1:]
		}
		return rest, call.give(o, typed, value)
	}
	return rest, nil
}

// spelled returns the option with that spelling, or nil.
func (c *Command) spelled(word string) *Option {
	for i := range c.Options {
		if c.Options[i].isSpelled(word) {
			return &c.Options[i]
		}
	}
	return nil
}

func (c *Command) unknown(typed string) error {
	switch {
	case typed == "--help" || typed == "-h":
		return errHelp
	case c.Unknown != nil:
		if err := c.Unknown(typed); err != nil {
			return err
		}
	}
	var known []string
	for i := range c.Options {
		known = slices.AppendSeq(known, c.Options[i].spellings())
	}
	return fmt.Errorf("unknown option %s%s", typed, nearest.Question(typed, known))
}

// give notes an option with its value, if it is one.
func (c *Call) give(o *Option, typed, value string) error {
	values := []string{value}
	if o.Kind == Commas {
		values = strings.Split(value, ",")
	}
	for _, value := range values {
		if err := o.check(value); err != nil {
			return fmt.Errorf("%s: %w", typed, err)
		}
		c.given = append(c.given, given{o.name(), value})
	}
	return nil
}

// checkCount refuses a call in which something is missing, or too much.
func (c *Command) checkCount(call *Call) error {
	for i := range c.Options {
		if o := &c.Options[i]; o.Required && !call.Has(o.name()) {
			return Usagef("expected %s", o.synopsis())
		}
	}
	least, most := c.operandCount()
	n := len(call.Args)
	if n >= least && (most < 0 || n <= most) {
		return nil
	}
	switch {
	case most < 0:
		return Usagef("expected %s or more, got %d", operands(least), n)
	case least == most:
		return Usagef("expected %s, got %d", operands(least), n)
	case n < least:
		return Usagef("expected at least %s, got %d", operands(least), n)
	}
	return Usagef("expected at most %s, got %d", operands(most), n)
}

// operandCount reads Operands: most is -1 for any number.
func (c *Command) operandCount() (least, most int) {
	for word := range strings.FieldsSeq(c.Operands) {
		if !strings.HasPrefix(word, "[") {
			least++
		}
		if strings.Contains(word, "…") {
			most = -1
		}
		if most >= 0 {
			most++
		}
	}
	return least, most
}

func operands(n int) string {
	switch n {
	case 0:
		return "no operand"
	case 1:
		return "1 operand"
	}
	return fmt.Sprintf("%d operands", n)
}
