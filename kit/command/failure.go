package command

import "fmt"

// Failure is an error with an exit status of its own.
type Failure struct {
	Status uint8
	Err    error
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// Status is an exit status that says all there is to say: that of another
// command, which has printed its own error, or an answer, such as grep(1)'s 1.
type Status uint8

func (s Status) Error() string { return fmt.Sprintf("exit status %d", uint8(s)) }

// UsageError reports a wrong call: the usage is printed after it.
type UsageError struct {
	Err error

	usage  string // of the command that was called wrongly, once it is known
	status uint8
}

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error {
	return &UsageError{Err: fmt.Errorf(format, args...)}
}
