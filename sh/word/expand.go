package word

import (
	"bootrc/sh/pattern"

	"mvdan.cc/sh/v3/syntax"
)

// Command expands the words of a simple command into its name and arguments. The
// arguments NAME=value of export, readonly and local, also behind `command`, are
// expanded as assignments (XCU 2.9.1.1, "declaration utility").
func Command(s State, words []*syntax.Word) ([]string, error)

// Fields appends the fields of a word to fields: with splitting and pathname expansion.
func Fields(s State, fields []string, w *syntax.Word) ([]string, error)

// Text expands a word into one text: with neither splitting nor pathname expansion.
func Text(s State, w *syntax.Word) (string, error)

// Assignment is Text, with tildes also behind each unquoted colon. A nil word is "".
func Assignment(s State, w *syntax.Word) (string, error)

// Document expands the body of a here-document whose delimiter is not quoted.
func Document(s State, w *syntax.Word) (string, error)

// Pattern expands a word into a pattern, in which quoted characters are literal.
func Pattern(s State, w *syntax.Word) (*pattern.Pattern, error)

// Match tells whether text matches the pattern that the word expands to.
func Match(s State, w *syntax.Word, text string) (bool, error)

// UnsetError reports a parameter that is not set: by ${name?message} or ${name:?message},
// or by the option -u (Message is "" then). It ends a script.
type UnsetError struct{ Name, Message string }

// SubstitutionError reports a ${…} that no shell understands. It ends a script.
type SubstitutionError struct{ Text string }
