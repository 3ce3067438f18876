package cmdline

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"bootrc/kit/quote"
)

// Line is a parsed command line: the values of the table's arguments, and what
// was wrong with it.
type Line struct {
	values   map[string][]string // by Argument.Name, in order
	Warnings []string            // unknown b2c arguments, one sentence each
}

// ParseKernel reads the kernel's own command line, which a boot loader wrote. On an error, what
// could be read before the broken argument is returned with it.
func ParseKernel(text string) (*Line, error) {
	l, err := read(fromGRUB(text))
	if limit := limits[runtime.GOARCH]; len(strings.TrimSuffix(text, "\n")) == limit {
		l.Warnings = append(l.Warnings, fmt.Sprintf("the kernel's command line ends at the %d bytes that this kernel takes: "+
			"what stood behind them is lost; arguments can stand elsewhere, too (docs/configuration.md)", limit))
	}
	return l, err
}

// limits are how many bytes the kernel takes: COMMAND_LINE_SIZE, less the end of the string
// (arch/*/include/uapi/asm/setup.h).
var limits = map[string]int{"amd64": 2047, "arm64": 2047, "arm": 1023, "riscv64": 1023}

// Parse reads arguments that a person wrote elsewhere, by the grammar of the kernel's line, but with comments:
// from a # that begins a word to the end of its line. Errors are those of ParseKernel.
func Parse(text string) (*Line, error) { return read(WithoutComments(text)) }

func read(text string) (*Line, error) {
	l := &Line{values: make(map[string][]string)}
	args, err := Split(text)
	for _, arg := range args {
		if e := l.add(arg); e != nil && err == nil {
			err = e
		}
	}
	l.Warnings = append(l.Warnings, lint(args)...)
	return l, err
}

// With returns a line that has the arguments of another behind those of this one:
// lists are longer, and of a single value the other line's counts.
func (l *Line) With(more *Line) *Line {
	both := &Line{values: maps.Clone(l.values), Warnings: slices.Concat(l.Warnings, more.Warnings)}
	for name, values := range more.values {
		both.values[name] = slices.Concat(both.values[name], values)
	}
	return both
}

// ParseWords reads arguments that are words already, as a shell splits them.
func ParseWords(words []string) (*Line, error) {
	l := &Line{values: make(map[string][]string)}
	var args []Arg
	for _, word := range words {
		name, value, hasValue := strings.Cut(word, "=")
		arg := Arg{name, value, hasValue}
		a := Lookup(name)
		if a == nil {
			return nil, errors.New(unknown(name))
		}
		if err := l.add(arg); err != nil {
			return nil, err
		}
		if l.values[a.Name] == nil {
			l.values[a.Name] = []string{} // a list without a value
		}
		args = append(args, arg)
	}
	l.Warnings = lint(args)
	return l, nil
}

// Replaced returns a line in which the other's arguments have that line's values alone.
func (l *Line) Replaced(other *Line) *Line {
	line := &Line{values: maps.Clone(l.values), Warnings: l.Warnings}
	maps.Copy(line.values, other.values)
	return line
}

// Changed calls set with the shell variable, as it is in this line, of every argument that other names.
func (l *Line) Changed(other *Line, set func(name, value string)) {
	for i := range Table {
		if a := &Table[i]; other.values[a.Name] != nil {
			set(a.Variable(), l.shellValue(a))
		}
	}
}

// Ignore forgets the named arguments, with a warning that says why for each that
// was given.
func (l *Line) Ignore(why string, names ...string) {
	for _, name := range names {
		if l.values[name] != nil {
			delete(l.values, name)
			l.Warnings = append(l.Warnings, fmt.Sprintf("argument %s is ignored: %s", name, why))
		}
	}
}

// Has tells whether an argument was given, be it by an old name.
func (l *Line) Has(name string) bool { return len(l.values[name]) > 0 }

func (l *Line) add(arg Arg) error {
	a := Lookup(arg.Name)
	if a == nil {
		if strings.HasPrefix(arg.Name, "b2c.") {
			l.Warnings = append(l.Warnings, unknown(arg.Name))
		}
		return nil
	}
	// the shell's parser reads nothing but UTF-8
	if !utf8.ValidString(arg.Value) {
		return fmt.Errorf("argument %s: the value is not UTF-8", arg.Name)
	}
	value := arg.Value
	switch a.Kind {
	case Flag:
		on, err := flagValue(arg)
		if err != nil {
			return err
		}
		value = on
	case Word:
		if arg.HasValue {
			value = arg.Name + "=" + value
		} else {
			value = arg.Name
		}
	case List:
		if !arg.HasValue {
			return fmt.Errorf("argument %s: a value is missing: %s=%s", arg.Name, arg.Name, a.Values)
		}
		if strings.TrimSpace(value) == "" {
			return nil // a template had nothing to put there
		}
	case Text:
		if !arg.HasValue {
			value = "1"
		}
	}
	l.values[a.Name] = append(l.values[a.Name], value)
	return nil
}

func flagValue(arg Arg) (string, error) {
	if !arg.HasValue {
		return "1", nil
	}
	switch strings.ToLower(arg.Value) {
	case "1", "yes", "true", "on", "":
		return "1", nil
	case "0", "no", "false", "off":
		return "", nil
	}
	return "", fmt.Errorf("argument %s=%s: a flag is 1 or 0", arg.Name, arg.Value)
}

// Value returns the value of a Text or Flag argument, or its default.
func (l *Line) Value(name string) string {
	a := Lookup(name)
	if a == nil {
		return ""
	}
	if v := l.values[a.Name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return a.Default
}

// Values returns the values of a List argument, in order.
func (l *Line) Values(name string) []string {
	if a := Lookup(name); a != nil {
		return slices.Clone(l.values[a.Name])
	}
	return nil
}

// Words returns the comma-separated parts of a Text argument, none of them empty.
func (l *Line) Words(name string) []string {
	return strings.FieldsFunc(l.Value(name), func(r rune) bool { return r == ',' })
}

// Variables calls set with the shell variable of every argument in the table.
func (l *Line) Variables(set func(name, value string)) {
	for i := range Table {
		set(Table[i].Variable(), l.shellValue(&Table[i]))
	}
}

// Assignments returns the lines of shell that set, to their values in this line, the
// arguments that more has.
func (l *Line) Assignments(more *Line) string {
	var b strings.Builder
	for i := range Table {
		if a := &Table[i]; more.Has(a.Name) {
			fmt.Fprintf(&b, "%s=%s\n", a.Variable(), quote.Word(l.shellValue(a)))
		}
	}
	return b.String()
}

func (l *Line) shellValue(a *Argument) string {
	switch a.Kind {
	case List:
		return quote.Words(l.values[a.Name])
	case Word:
		return quote.Words(l.words())
	}
	return l.Value(a.Name)
}

// words are the arguments of kind Word, in the order of the table.
func (l *Line) words() []string {
	var all []string
	for i := range Table {
		if Table[i].Kind == Word {
			all = append(all, l.values[Table[i].Name]...)
		}
	}
	return all
}
