// Package builtin is the shell's own commands that only need its variables: read
// and getopts.
package builtin

import "fmt"

// Variables are those of the shell that calls a builtin.
type Variables interface {
	Variable(name string) (value string, set bool)
	Assign(name, value string) error
	Unset(name string) error
}

// UsageError reports a wrong call: exit status 2.
type UsageError struct{ Problem string }

func (e *UsageError) Error() string { return e.Problem }

func usagef(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}
