package command

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/seconds"
	"bootrc/kit/size"
)

// Option is one option of a command.
type Option struct {
	// Names are all its spellings, "-n, --lines". A letter behind one dash can
	// share a word with others; a longer name behind one dash ("-br") cannot.
	// Call's methods know it by its first long name, or else by its first:
	// "lines", "br".
	Names   string
	Value   string // of what it takes: "FILE", "on|off"; "" for a flag, which takes nothing
	Kind    Kind   // of that value
	Default string // the value where it is not given; a flag's is "" or "true"
	Help    string // one sentence, lower case, without a full stop

	Required bool
	// Check refuses a value; it may be nil.
	Check func(value string) error
	// Secret returns the parts of a value that must never be shown; nil for none.
	Secret func(value string) []string
}

// Kind is what an option's value can be.
type Kind uint8

const (
	Text    Kind = iota // any text; the last one counts
	List                // any text, given any number of times
	Commas              // List, where a comma parts one from the next
	Count               // a whole number from 0 on
	Size                // a number of bytes, as size.Parse reads it
	Blocks              // a number of bytes, as size.ParseBlocks reads it
	Seconds             // a time, as package seconds reads it
	Choice              // one of those in Option.Value, "on|off"
)

// Whole is the Secret of an option whose whole value is secret.
func Whole(value string) []string { return []string{value} }

func (o *Option) isFlag() bool { return o.Value == "" }

func (o *Option) spellings() iter.Seq[string] { return strings.SplitSeq(o.Names, ", ") }

func (o *Option) isSpelled(word string) bool {
	for name := range o.spellings() {
		if name == word {
			return true
		}
	}
	return false
}

// name is the one by which Call's methods know the option.
func (o *Option) name() string {
	first := ""
	for name := range o.spellings() {
		if long, ok := strings.CutPrefix(name, "--"); ok {
			return long
		}
		if first == "" {
			first = name
		}
	}
	return strings.TrimPrefix(first, "-")
}

// CheckDefault tells whether the option's default is one of its values.
func (o *Option) CheckDefault() error {
	if o.Default == "" {
		return nil
	}
	return o.check(o.Default)
}

// check refuses what is no value of the option's kind.
func (o *Option) check(value string) error {
	var err error
	switch {
	case o.isFlag():
		if _, err = strconv.ParseBool(value); err != nil {
			err = fmt.Errorf("expected true or false, got %q", value)
		}
	case o.Kind == Count:
		if _, err = strconv.ParseUint(value, 10, 31); err != nil {
			err = fmt.Errorf("expected a whole number from 0 on, got %q", value)
		}
	case o.Kind == Size:
		_, err = size.Parse(value)
	case o.Kind == Blocks:
		_, err = size.ParseBlocks(value)
	case o.Kind == Seconds:
		_, err = seconds.Parse(value)
	case o.Kind == Choice:
		if !slices.Contains(strings.Split(o.Value, "|"), value) {
			err = fmt.Errorf("expected %s, got %q", strings.ReplaceAll(o.Value, "|", " or "), value)
		}
	}
	if err == nil && o.Check != nil {
		err = o.Check(value)
	}
	return err
}
