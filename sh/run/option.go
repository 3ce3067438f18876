package run

import (
	"fmt"
	"slices"
	"strings"
)

// options are the options of set(1), by letter; those without one have a letter here that
// no person types.
type options struct{ on [128]bool }

const (
	pipefail  = 'P'
	ignoreEOF = 'I'
	vi        = 'V'
	emacs     = 'E'
	nolog     = 'l'
)

// optionNames is the long names, sorted, as `set -o` lists them.
func optionNames() []struct {
	name   string
	letter byte
} {
	return []struct {
		name   string
		letter byte
	}{
		{"allexport", 'a'}, {"emacs", emacs}, {"errexit", 'e'}, {"hashall", 'h'}, {"ignoreeof", ignoreEOF},
		{"interactive", 'i'}, {"monitor", 'm'}, {"noclobber", 'C'}, {"noexec", 'n'}, {"noglob", 'f'}, {"nolog", nolog},
		{"notify", 'b'}, {"nounset", 'u'}, {"pipefail", pipefail}, {"stdin", 's'}, {"verbose", 'v'}, {"vi", vi}, {"xtrace", 'x'},
	}
}

// settable are the letters that set takes.
const settable = "abCefhmnuvx"

// letters is the value of $-.
func (o *options) letters() string {
	var on strings.Builder
	for _, c := range []byte("abCefhimnsuvxc") {
		if o.on[c] {
			on.WriteByte(c)
		}
	}
	return on.String()
}

// OptionError is an option that does not exist.
type OptionError struct{ Option string }

func (e *OptionError) Error() string { return "illegal option " + e.Option }

// letters reads a builtin's options, each one of the known letters, in the order in which
// they are given.
func letters(args []string, known string) (given string, operands []string, err error) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		for _, c := range arg[1:] {
			if !strings.ContainsRune(known, c) {
				return "", nil, &OptionError{"-" + string(c)}
			}
		}
		given += arg[1:]
	}
	return given, args, nil
}

// isLast tells whether, of two letters that contradict each other, this one was given and
// not the other after it.
func isLast(given string, letter, other byte) bool {
	return strings.LastIndexByte(given, letter) > strings.LastIndexByte(given, other)
}

// setNamed switches an option by its long name.
func (sh *Shell) setNamed(name string, on bool) error {
	for _, o := range optionNames() {
		if o.name == name && o.letter != 'i' && o.letter != 's' {
			return sh.setOption(o.letter, on)
		}
	}
	sign := "-o "
	if !on {
		sign = "+o "
	}
	return &OptionError{sign + name}
}

// setOption switches an option by its letter.
func (sh *Shell) setOption(letter byte, on bool) error {
	if letter == 'm' && on != sh.options.on['m'] {
		if err := sh.jobs.control(on); err != nil {
			return err
		}
	}
	sh.options.on[letter] = on
	return nil
}

// parseOptions reads the options of set or of the shell itself: it returns the operands,
// and whether there are any (-- counts). other takes the letters that set has not; list
// is for a -o or +o without a name.
func (sh *Shell) parseOptions(args []string, other func(letter byte, on bool) bool, list func(on bool)) (operands []string, given bool, err error) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "--" {
			return args[1:], true, nil
		}
		if arg == "-" {
			sh.options.on['x'], sh.options.on['v'] = false, false
			return args[1:], len(args) > 1, nil
		}
		if len(arg) < 2 || arg[0] != '-' && arg[0] != '+' {
			return args, true, nil
		}
		args = args[1:]
		on := arg[0] == '-'
		for _, letter := range []byte(arg[1:]) {
			switch {
			case letter == 'o' && len(args) > 0:
				if err := sh.setNamed(args[0], on); err != nil {
					return nil, false, err
				}
				args = args[1:]
			case letter == 'o':
				list(on)
			case strings.IndexByte(settable, letter) >= 0:
				if err := sh.setOption(letter, on); err != nil {
					return nil, false, err
				}
			case other == nil || !other(letter, on):
				return nil, false, &OptionError{arg[:1] + string(rune(letter))}
			}
		}
	}
	return nil, false, nil
}

// listOptions prints all options, for people or (on is false) for a shell.
func (sh *Shell) listOptions(on bool) {
	var text strings.Builder
	if on {
		text.WriteString("Current option settings\n")
	}
	for _, o := range optionNames() {
		is := sh.options.on[o.letter]
		switch {
		case on && is:
			fmt.Fprintf(&text, "%-15s on\n", o.name)
		case on:
			fmt.Fprintf(&text, "%-15s off\n", o.name)
		case o.letter == 'i' || o.letter == 's':
		case is:
			fmt.Fprintf(&text, "set -o %s\n", o.name)
		default:
			fmt.Fprintf(&text, "set +o %s\n", o.name)
		}
	}
	sh.print(text.String())
}

// fits fails for more parameters than a script may hold.
func fits(params []string) error {
	size := 16 * len(params)
	for _, p := range params {
		size += len(p)
	}
	if size > maxMemory {
		return fmt.Errorf("the parameters would hold more than %d MiB", maxMemory>>20)
	}
	return nil
}

// set is the special builtin.
func set(sh *Shell, args []string) int {
	if len(args) == 0 {
		var text strings.Builder
		for _, name := range sh.Names() {
			value, _ := sh.Get(name)
			text.WriteString(name + "=" + Quote(value) + "\n")
		}
		return sh.print(text.String())
	}
	operands, given, err := sh.parseOptions(args, nil, sh.listOptions)
	if err != nil {
		return sh.misuse("set", err)
	}
	if given {
		if err := fits(operands); err != nil {
			return sh.misuse("set", err)
		}
		sh.params = slices.Clone(operands)
	}
	return 0
}
