package command

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"bootrc/kit/seconds"
	"bootrc/kit/size"
)

// given is an option as it was given.
type given struct{ name, value string }

// option returns a declared option. It panics where the command declares none of
// this name, or one of another kind: that is a mistake in the command's code.
func (c *Call) option(name string, flag bool, kinds ...Kind) *Option {
	for i := range c.declared {
		o := &c.declared[i]
		if o.name() == name && o.isFlag() == flag && (flag || slices.Contains(kinds, o.Kind)) {
			return o
		}
	}
	panic(fmt.Sprintf("command %s declares no option %q of this kind", c.Name, name))
}

// value returns the option's last value, or its default.
func (c *Call) value(o *Option) string {
	name := o.name()
	for _, g := range slices.Backward(c.given) {
		if g.name == name {
			return g.value
		}
	}
	return o.Default
}

// Flag tells whether a flag is set.
func (c *Call) Flag(name string) bool {
	set, _ := strconv.ParseBool(c.value(c.option(name, true)))
	return set
}

// Text returns the value of an option of kind Text or Choice.
func (c *Call) Text(name string) string {
	return c.value(c.option(name, false, Text, Choice))
}

// List returns the values of an option of kind List or Commas, in their order.
func (c *Call) List(name string) []string {
	c.option(name, false, List, Commas)
	var values []string
	for _, g := range c.given {
		if g.name == name {
			values = append(values, g.value)
		}
	}
	return values
}

// Count returns the number of an option of kind Count; 0 without a default.
func (c *Call) Count(name string) int {
	n, _ := strconv.Atoi(c.value(c.option(name, false, Count)))
	return n
}

// Size returns the bytes of an option of kind Size or Blocks; 0 without a default.
func (c *Call) Size(name string) int64 {
	parse := size.Parse
	o := c.option(name, false, Size, Blocks)
	if o.Kind == Blocks {
		parse = size.ParseBlocks
	}
	n, _ := parse(c.value(o))
	return n
}

// Seconds returns the time of an option of kind Seconds; 0 without a default.
func (c *Call) Seconds(name string) time.Duration {
	d, _ := seconds.Parse(c.value(c.option(name, false, Seconds)))
	return d
}

// Has tells whether an option was given.
func (c *Call) Has(name string) bool {
	for range c.Given(name) {
		return true
	}
	return false
}

// Given yields the name and value of each of some options, in the order in which
// they were given.
func (c *Call) Given(names ...string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, g := range c.given {
			if slices.Contains(names, g.name) && !yield(g.name, g.value) {
				return
			}
		}
	}
}

// Wrong is the UsageError for the value of an option, as the error of its own
// check reads.
func (c *Call) Wrong(name string, err error) error {
	for i := range c.declared {
		if o := &c.declared[i]; o.name() == name {
			return Usagef("%s: %w", o.shown(), err)
		}
	}
	panic(fmt.Sprintf("command %s declares no option %q", c.Name, name))
}
