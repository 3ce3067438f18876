package builtin

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// Test is test and [. An expression of up to four arguments is understood by
// their number, as XCU, test, says, so that no operand is taken for an operator; a
// longer one by the grammar with -a, -o and parentheses. A fault is status 2.
func Test(_ context.Context, call *command.Call) error {
	args := call.Args
	e := examination{call: call}
	if call.Name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			return e.end(false, fmt.Errorf("the closing ] is missing"))
		}
		args = args[:len(args)-1]
	}
	return e.end(e.byNumber(args))
}

// examination is one call of test.
type examination struct {
	call *command.Call
	args []string // what is left of a long expression
}

func (e *examination) end(yes bool, err error) error {
	switch {
	case err != nil:
		return &command.Failure{Status: 2, Err: err}
	case !yes:
		return command.Status(1)
	}
	return nil
}

func (e *examination) byNumber(args []string) (bool, error) {
	switch n := len(args); {
	case n == 0:
		return false, nil
	case n == 1:
		return args[0] != "", nil
	case n == 3 && isComparison(args[1]):
		return e.compare(args[0], args[1], args[2])
	case n == 3 && args[1] == "-a":
		return args[0] != "" && args[2] != "", nil
	case n == 3 && args[1] == "-o":
		return args[0] != "" || args[2] != "", nil
	case n <= 4 && args[0] == "!":
		yes, err := e.byNumber(args[1:])
		return !yes, err
	case (n == 3 || n == 4) && args[0] == "(" && args[n-1] == ")":
		return e.byNumber(args[1 : n-1])
	case n == 2 && isUnary(args[0]):
		return e.unary(args[0], args[1])
	}
	e.args = args
	yes, err := e.or()
	if err == nil && len(e.args) > 0 {
		err = fmt.Errorf("%q: an operator was expected", e.args[0])
	}
	return yes, err
}

func (e *examination) or() (bool, error) {
	yes, err := e.and()
	for err == nil && e.accept("-o") {
		var right bool
		right, err = e.and()
		yes = yes || right
	}
	return yes, err
}

func (e *examination) and() (bool, error) {
	yes, err := e.not()
	for err == nil && e.accept("-a") {
		var right bool
		right, err = e.not()
		yes = yes && right
	}
	return yes, err
}

func (e *examination) not() (bool, error) {
	negated := false
	for !(len(e.args) > 2 && isComparison(e.args[1])) && e.accept("!") {
		negated = !negated
	}
	yes, err := e.primary()
	return yes != negated, err
}

func (e *examination) primary() (bool, error) {
	args := e.args
	switch {
	case len(args) == 0:
		return false, fmt.Errorf("an argument is missing at the end")
	case len(args) > 2 && isComparison(args[1]):
		e.args = args[3:]
		return e.compare(args[0], args[1], args[2])
	case len(args) > 1 && args[0] == "(":
		e.args = args[1:]
		yes, err := e.or()
		if err == nil && !e.accept(")") {
			err = fmt.Errorf("a ( is not closed")
		}
		return yes, err
	case len(args) > 1 && isUnary(args[0]):
		e.args = args[2:]
		return e.unary(args[0], args[1])
	case len(args) == 2 && isComparison(args[1]):
		return false, fmt.Errorf("%s: an argument is missing behind it", args[1])
	}
	e.args = args[1:]
	return args[0] != "", nil
}

func (e *examination) accept(word string) bool {
	if len(e.args) == 0 || e.args[0] != word {
		return false
	}
	e.args = e.args[1:]
	return true
}

func isComparison(word string) bool {
	switch word {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
}

func isUnary(word string) bool {
	return len(word) == 2 && word[0] == '-' && strings.IndexByte("bcdefgGhkLnOprsStuwxz", word[1]) >= 0
}

func (e *examination) compare(a, operator, b string) (bool, error) {
	switch operator {
	case "=", "==":
		return a == b, nil
	case "!=":
		return a != b, nil
	case "<":
		return a < b, nil
	case ">":
		return a > b, nil
	case "-nt", "-ot", "-ef":
		return e.compareFiles(a, operator, b), nil
	}
	x, err := wholeNumber(a)
	if err != nil {
		return false, err
	}
	y, err := wholeNumber(b)
	if err != nil {
		return false, err
	}
	switch operator {
	case "-eq":
		return x == y, nil
	case "-ne":
		return x != y, nil
	case "-lt":
		return x < y, nil
	case "-le":
		return x <= y, nil
	case "-gt":
		return x > y, nil
	}
	return x >= y, nil
}

func wholeNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.Trim(text, " \t\n\v\f\r"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number", text)
	}
	return n, nil
}

// compareFiles compares the times of two files, where a file that exists is newer than
// one that does not, or tells whether they are the same file.
func (e *examination) compareFiles(a, operator, b string) bool {
	first, errFirst := os.Stat(e.call.Path(a))
	second, errSecond := os.Stat(e.call.Path(b))
	switch operator {
	case "-ef":
		return errFirst == nil && errSecond == nil && os.SameFile(first, second)
	case "-ot":
		first, errFirst, second, errSecond = second, errSecond, first, errFirst
	}
	return errFirst == nil && (errSecond != nil || first.ModTime().After(second.ModTime()))
}

func (e *examination) unary(operator, operand string) (bool, error) {
	switch operator {
	case "-n":
		return operand != "", nil
	case "-z":
		return operand == "", nil
	case "-t":
		return e.isTerminal(operand)
	}
	if operand == "" {
		return false, nil
	}
	path := e.call.Path(operand)
	switch operator {
	case "-r":
		return access(path, unix.R_OK), nil
	case "-w":
		return access(path, unix.W_OK), nil
	case "-x":
		return access(path, unix.X_OK), nil
	case "-h", "-L":
		info, err := os.Lstat(path)
		return err == nil && info.Mode()&fs.ModeSymlink != 0, nil
	}
	info, err := os.Stat(path)
	return err == nil && hasProperty(info, operator), nil
}

func access(path string, mode uint32) bool {
	return unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS) == nil
}

func hasProperty(info fs.FileInfo, operator string) bool {
	mode := info.Mode()
	switch operator {
	case "-d":
		return mode.IsDir()
	case "-f":
		return mode.IsRegular()
	case "-s":
		return info.Size() > 0
	case "-b":
		return mode.Type() == fs.ModeDevice
	case "-c":
		return mode&fs.ModeCharDevice != 0
	case "-p":
		return mode&fs.ModeNamedPipe != 0
	case "-S":
		return mode&fs.ModeSocket != 0
	case "-u":
		return mode&fs.ModeSetuid != 0
	case "-g":
		return mode&fs.ModeSetgid != 0
	case "-k":
		return mode&fs.ModeSticky != 0
	case "-O":
		return info.Sys().(*syscall.Stat_t).Uid == uint32(os.Geteuid())
	case "-G":
		return info.Sys().(*syscall.Stat_t).Gid == uint32(os.Getegid())
	}
	return true // -e
}

// isTerminal tells whether the command's standard input, output or error, by its
// number, is a terminal.
func (e *examination) isTerminal(operand string) (bool, error) {
	n, err := wholeNumber(operand)
	if err != nil {
		return false, err
	}
	streams := []any{e.call.Stdin, e.call.Stdout, e.call.Stderr}
	if n < 0 || n >= int64(len(streams)) {
		return false, nil
	}
	file, ok := streams[n].(interface{ Fd() uintptr })
	if !ok {
		return false, nil
	}
	_, err = unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil, nil
}
