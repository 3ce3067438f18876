// Package arith evaluates the text of an arithmetic expansion (XCU 2.6.4): the
// operators of C on integers of 64 bits that wrap around, without ++, -- and the
// comma, which POSIX leaves out; so --x is x.
package arith

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Variables are what an expression reads and assigns to.
type Variables interface {
	Variable(name string) (value string, set bool)
	Assign(name, value string) error
}

// Error reports an expression that has no value.
type Error struct{ Expression, Problem string }

func (e *Error) Error() string {
	return fmt.Sprintf("arithmetic expression %q: %s", strings.TrimSpace(e.Expression), e.Problem)
}

// maxDepth bounds how deep parentheses and operators nest.
const maxDepth = 1000

// Evaluate returns the value of an expression in which all expansions are done. A
// variable that is unset or empty is 0. The error is an *Error, or that of Assign.
func Evaluate(text string, v Variables) (value int64, err error) {
	e := evaluation{text: text, variables: v}
	value = e.assignment()
	if e.err == nil && e.token() != "" {
		e.fail("%q does not fit here", e.rest())
	}
	return value, e.err
}

type evaluation struct {
	text      string
	at        int
	variables Variables
	skip      int // above 0: what short-circuits leave out
	depth     int
	err       error
}

func (e *evaluation) fail(format string, args ...any) int64 {
	if e.err == nil {
		e.err = &Error{e.text, fmt.Sprintf(format, args...)}
	}
	e.at = len(e.text)
	return 0
}

func (e *evaluation) rest() string { return strings.TrimSpace(e.text[e.at:]) }

// token returns the operator, or the first byte, that comes next, "" at the end.
func (e *evaluation) token() string {
	for e.at < len(e.text) && isSpace(e.text[e.at]) {
		e.at++
	}
	rest := e.text[e.at:]
	return rest[:operatorWidth(rest)]
}

// operatorWidth is that of the operator that text begins with, at most 1 if no operator is there.
func operatorWidth(text string) int {
	if len(text) < 2 {
		return len(text)
	}
	c, next := text[0], text[1]
	switch {
	case (c == '<' || c == '>') && next == c:
		if len(text) > 2 && text[2] == '=' {
			return 3
		}
		return 2
	case (c == '&' || c == '|') && next == c, next == '=' && strings.IndexByte("<>=!+-*/%&|^", c) >= 0:
		return 2
	}
	return 1
}

// precedence is that of a binary operator, from the loosest to the tightest, or 0.
func precedence(operator string) int {
	switch operator {
	case "||":
		return 1
	case "&&":
		return 2
	case "|":
		return 3
	case "^":
		return 4
	case "&":
		return 5
	case "==", "!=":
		return 6
	case "<", ">", "<=", ">=":
		return 7
	case "<<", ">>":
		return 8
	case "+", "-":
		return 9
	case "*", "/", "%":
		return 10
	}
	return 0
}

// assignment: name = assignment, or a conditional expression.
func (e *evaluation) assignment() int64 {
	if e.depth++; e.depth > maxDepth {
		return e.fail("it is nested too deep")
	}
	defer func() { e.depth-- }()
	e.token()
	begin := e.at
	if name := e.name(); name != "" {
		operator := e.token()
		if operator == "=" || len(operator) > 1 && operator[len(operator)-1] == '=' && precedence(operator) == 0 {
			e.at += len(operator)
			return e.assign(name, operator[:len(operator)-1], e.assignment())
		}
		e.at = begin
	}
	return e.conditional()
}

func (e *evaluation) assign(name, operator string, value int64) int64 {
	if e.skip > 0 || e.err != nil {
		return 0
	}
	if operator != "" {
		value = e.apply(operator, e.variable(name), value)
	}
	if e.err == nil {
		e.err = e.variables.Assign(name, strconv.FormatInt(value, 10))
	}
	return value
}

func (e *evaluation) conditional() int64 {
	condition := e.binary(1)
	if e.token() != "?" {
		return condition
	}
	e.at++
	yes := e.unless(condition == 0, e.assignment)
	if e.token() != ":" {
		return e.fail("a ? lacks its :")
	}
	e.at++
	no := e.unless(condition != 0, e.conditional)
	if condition != 0 {
		return yes
	}
	return no
}

// unless reads an operand, without its effects where skip is true.
func (e *evaluation) unless(skip bool, operand func() int64) int64 {
	if skip {
		e.skip++
		defer func() { e.skip-- }()
	}
	return operand()
}

// binary reads operators that bind at least as tight as level.
func (e *evaluation) binary(level int) int64 {
	left := e.unary()
	for e.err == nil {
		operator := e.token()
		binds := precedence(operator)
		if binds < level || binds == 0 {
			break
		}
		e.at += len(operator)
		right := func() int64 { return e.binary(binds + 1) }
		switch operator {
		case "&&":
			left = truth(e.unless(left == 0, right) != 0 && left != 0)
		case "||":
			left = truth(e.unless(left != 0, right) != 0 || left != 0)
		default:
			left = e.apply(operator, left, right())
		}
	}
	return left
}

func (e *evaluation) apply(operator string, a, b int64) int64 {
	switch operator {
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&":
		return a & b
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "<<":
		return a << (uint64(b) & 63)
	case ">>":
		return a >> (uint64(b) & 63)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	switch {
	case e.skip > 0:
		return 0
	case b == 0:
		return e.fail("division by zero")
	case operator == "/":
		return a / b
	}
	return a % b
}

func (e *evaluation) unary() int64 {
	if e.depth++; e.depth > maxDepth {
		return e.fail("it is nested too deep")
	}
	defer func() { e.depth-- }()
	token := e.token()
	switch token {
	case "+", "-", "!", "~":
		e.at++
		value := e.unary()
		switch token {
		case "-":
			return -value
		case "!":
			return truth(value == 0)
		case "~":
			return ^value
		}
		return value
	case "(":
		e.at++
		value := e.assignment()
		if e.token() != ")" {
			return e.fail("a ( is not closed")
		}
		e.at++
		return value
	}
	return e.operand()
}

// operand reads a constant or a variable.
func (e *evaluation) operand() int64 {
	if name := e.name(); name != "" {
		if e.skip > 0 {
			return 0
		}
		return e.variable(name)
	}
	begin := e.at
	for e.at < len(e.text) && isNameByte(e.text[e.at]) {
		e.at++
	}
	if digits := e.text[begin:e.at]; digits != "" {
		if value, ok := constant(digits); ok {
			return int64(min(value, math.MaxInt64))
		}
		return e.fail("%q is no number", digits)
	}
	if e.rest() == "" {
		return e.fail("an operand is missing at its end")
	}
	return e.fail("an operand is missing before %q", e.rest())
}

func (e *evaluation) name() string {
	begin := e.at
	if begin == len(e.text) || !isNameByte(e.text[begin]) || '0' <= e.text[begin] && e.text[begin] <= '9' {
		return ""
	}
	for e.at < len(e.text) && isNameByte(e.text[e.at]) {
		e.at++
	}
	return e.text[begin:e.at]
}

func (e *evaluation) variable(name string) int64 {
	text, _ := e.variables.Variable(name)
	if strings.Trim(text, space) == "" {
		return 0
	}
	value, ok := Number(text)
	if !ok {
		return e.fail("the variable %s is %q, which is no number", name, text)
	}
	return value
}

const space = " \t\n\v\f\r"

// Number reads the text of an integer constant: decimal, octal with a leading 0 or
// hexadecimal with 0x, with a sign, and with space around it.
func Number(text string) (int64, bool) {
	digits := strings.Trim(text, space)
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	size, ok := constant(digits)
	switch {
	case negative:
		return -int64(size), ok && size <= 1<<63
	case size > math.MaxInt64:
		return 0, false
	}
	return int64(size), ok
}

// constant reads digits; what does not fit into 64 bits comes out as the largest number.
func constant(digits string) (uint64, bool) {
	base := uint64(10)
	switch {
	case len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x':
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base = 8
	}
	value, large := uint64(0), false
	for i := range len(digits) {
		digit := uint64(99)
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
			digit = uint64(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			digit = uint64(c|0x20-'a') + 10
		}
		if digit >= base {
			return 0, false
		}
		large = large || value > (math.MaxUint64-digit)/base
		value = value*base + digit
	}
	if large {
		value = math.MaxUint64
	}
	return value, digits != ""
}

func truth(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
