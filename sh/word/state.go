// Package word expands the words of a script as POSIX says (XCU 2.6): tildes,
// parameters, command substitutions, arithmetic, field splitting, pathnames and
// the removal of quotes. The variables, and what runs a command substitution, are the
// caller's State.
//
// A caller picks the function by what the word is: Command for a simple command,
// Fields for the words of a for loop, Text for a redirection's operand or the
// subject of a case and a here-document, Assignment for a variable's value, Match for
// a case's pattern.
package word

import "bootrc/sh/syntax"

// State is the part of a shell that its words depend on.
type State interface {
	// Variable returns the value of a variable, and whether it is set. Names that
	// the shell itself answers, such as LINENO, come here too.
	Variable(name string) (value string, set bool)

	// Assign gives a variable its value, for ${name=word} and for arithmetic.
	// Its error, such as a read-only variable's, is returned as it is.
	Assign(name, value string) error

	// Special returns the parameters ? $ ! - and 0.
	Special(name byte) (value string, set bool)

	// Params returns the positional parameters: $1 is the first.
	Params() []string

	// Substitute runs the command substitution and returns what it wrote. Its
	// trailing newlines are cut by the caller, its NUL bytes too.
	Substitute(*syntax.Substitution) (string, error)

	// Dir is the folder in which relative pathnames are looked up, absolute.
	Dir() string

	// Home returns a user's home folder, for ~user.
	Home(user string) (dir string, ok bool)

	// Option tells whether an option of `set` is on, by its letter: f and u are asked for.
	Option(letter byte) bool
}
