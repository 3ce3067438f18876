package builtin

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"bootrc/sh/syntax"
)

// GetOpts is where `getopts` stands in its arguments. The zero value stands at the
// beginning, and is what the shell puts in its place whenever OPTIND is assigned to.
type GetOpts struct {
	rest string // the letters of the argument at hand that come next
}

// Next is `getopts LETTERS NAME [ARGUMENT]…` (XCU, getopts); params are the arguments where
// the call has none. It writes to messages what is wrong with an option, after the prefix.
// found is false, and the status 1, where the options end.
func (g *GetOpts) Next(v Variables, args, params []string, messages io.Writer, prefix string) (found bool, err error) {
	if len(args) < 2 {
		return false, usagef("the letters of the options and the name of a variable are needed")
	}
	letters, name := args[0], args[1]
	if !syntax.IsName(name) {
		return false, usagef("%q is no name of a variable", name)
	}
	if len(args) > 2 {
		params = args[2:]
	}
	a := arguments{GetOpts: g, all: params, index: index(v)}
	o := a.next(letters)
	if o.problem != "" && !strings.HasPrefix(letters, ":") {
		fmt.Fprintf(messages, "%s%s\n", prefix, o.problem)
	}
	return o.name != "", o.assign(v, name, a, strings.HasPrefix(letters, ":"))
}

// index returns OPTIND, which counts from 1.
func index(v Variables) int {
	text, _ := v.Variable("OPTIND")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// arguments are those of one call, and the place in them.
type arguments struct {
	*GetOpts
	all   []string
	index int // of the next argument, from 1
}

// option is what was found: name is "" at the end, "?" or ":" for a fault.
type option struct {
	name     string
	value    string
	hasValue bool
	letter   string
	problem  string
}

func (a *arguments) next(letters string) option {
	if a.rest == "" && !a.advance() {
		return option{}
	}
	letter := a.rest[:1]
	a.rest = a.rest[1:]
	i := strings.Index(letters, letter)
	switch {
	case i < 0 || letter == ":":
		return option{name: "?", letter: letter, problem: "-" + letter + " is no option"}
	case !strings.HasPrefix(letters[i+1:], ":"):
		return option{name: letter}
	case a.rest != "":
		value := a.rest
		a.rest = ""
		return option{name: letter, value: value, hasValue: true}
	case a.index > len(a.all):
		return option{name: ":", letter: letter, problem: "-" + letter + " lacks its value"}
	}
	a.index++
	return option{name: letter, value: a.all[a.index-2], hasValue: true}
}

// advance goes to the next argument, if that is one of options.
func (a *arguments) advance() bool {
	if a.index > len(a.all) {
		return false
	}
	arg := a.all[a.index-1]
	if len(arg) < 2 || arg[0] != '-' {
		return false
	}
	a.index++
	if arg == "--" {
		return false
	}
	a.rest = arg[1:]
	return true
}

// assign tells the variables what was found.
func (o option) assign(v Variables, name string, a arguments, silent bool) error {
	found := o.name
	switch {
	case found == "", found == ":" && !silent:
		found = "?"
	}
	if o.problem != "" && silent {
		o.value, o.hasValue = o.letter, true
	}
	rest := a.rest
	var err error
	if o.hasValue {
		err = v.Assign("OPTARG", o.value)
	} else {
		err = v.Unset("OPTARG")
	}
	if err == nil {
		err = v.Assign("OPTIND", strconv.Itoa(a.index))
	}
	a.rest = rest // assigning to OPTIND begins anew, for others
	if err == nil {
		err = v.Assign(name, found)
	}
	return err
}
