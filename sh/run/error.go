package run

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"bootrc/kit/command"
	"bootrc/sh/arith"
	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

const statusBrokenPipe = 128 + int(syscall.SIGPIPE)

// report prints an error, with the place in the script where it happened.
func (sh *Shell) report(command string, err error) {
	sh.complain(sh.line, command, err)
}

func (sh *Shell) complain(line int, name string, err error) {
	if errors.Is(err, errSaid) {
		return
	}
	var text strings.Builder
	if !sh.interactive {
		text.WriteString(sh.script + ": ")
		if line > 0 {
			fmt.Fprintf(&text, "line %d: ", line)
		}
	}
	if name != "" {
		text.WriteString(name + ": ")
	}
	text.WriteString(err.Error())
	stderr := sh.fds.get(2)
	if console, ok := stderr.writer().(command.Complainer); ok {
		console.Complain(text.String())
		return
	}
	stderr.Write([]byte(text.String() + "\n"))
}

// errSaid is an error that was printed already.
var errSaid = errors.New("said")

// isExpansion tells whether an error came from expanding words: it ends the shell.
func isExpansion(err error) bool {
	var unset *word.UnsetError
	var bad *word.SubstitutionError
	var number *arith.Error
	var readonly *ReadonlyError
	var stop *stopError
	return errors.As(err, &unset) || errors.As(err, &bad) || errors.As(err, &number) || errors.As(err, &readonly) || errors.As(err, &stop)
}

// stopError carries the end of a shell through an expansion.
type stopError struct{ o outcome }

func (*stopError) Error() string { return "the shell ends" }

// expansionError ends the shell because of words that cannot be expanded (XCU 2.8.1).
func (sh *Shell) expansionError(err error) outcome {
	var stop *stopError
	if errors.As(err, &stop) {
		return stop.o
	}
	sh.report("", err)
	sh.status = 2
	return sh.fatal()
}

// fatal ends the shell, or what was typed.
func (sh *Shell) fatal() outcome {
	sh.aborted = sh.interactive
	return exiting
}

// misuse reports what is wrong with a builtin's arguments. A special builtin ends the
// shell with it.
func (sh *Shell) misuse(name string, err error) int {
	sh.report(name, err)
	sh.flow = erring
	return 2
}

// failed is the same where the builtin goes on.
func (sh *Shell) failed(name string, err error) int { return sh.failedWith(1, name, err) }

func (sh *Shell) failedWith(status int, name string, err error) int {
	sh.report(name, err)
	return status
}

// print writes a builtin's output; its status is 0 if that worked.
func (sh *Shell) print(text string) int {
	return sh.write([]byte(text))
}

func (sh *Shell) write(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	_, err := sh.fds.get(1).Write(b)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, syscall.EPIPE):
		if _, ignored := sh.proc.traps(syscall.SIGPIPE); !ignored {
			sh.broken = true
			return statusBrokenPipe
		}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	sh.report("", fmt.Errorf("write error: %w", err))
	return 1
}

// SyntaxError is a text that is no shell script.
type SyntaxError = syntax.Error
