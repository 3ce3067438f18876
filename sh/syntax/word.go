package syntax

import "sync/atomic"

// Word is one word of a command, before expansion.
type Word struct {
	Parts []Part
	Line  int

	// Literal is what the word always expands to, if Fixed: it has no expansion, no
	// pattern character and no tilde in it, whatever quotes it has.
	Literal string
	Fixed   bool

	// Constant tells that nothing is expanded in it, although it may be a pattern.
	Constant bool
	// Compiled is what package word makes of a constant pattern when it first needs it.
	Compiled atomic.Value
}

// Part is a piece of a word: Lit, Quoted, *DoubleQuoted, *Param, *Substitution or *Arithmetic.
type Part interface{ part() }

// Lit is text without quotes around it. A backslash in it is a character like any other:
// the parser has made a Quoted of what stood behind a backslash, and dropped backslashes
// with their newline.
type Lit string

// Quoted is text that is taken as it stands: from '…', $'…', or \x. Within
// DoubleQuoted, text is a Quoted too.
type Quoted string

// DoubleQuoted is "…", or a here-document: its parts are Quoted, *Param, *Command and
// *Arithmetic.
type DoubleQuoted struct{ Parts []Part }

// Param is a parameter expansion, as XCU 2.6.2 has it.
type Param struct {
	Name   string // a variable's name, digits, or one of @*#?-$!
	Length bool   // ${#NAME}
	Colon  bool   // the operator has a colon before it: ${NAME:-WORD}
	Op     ParamOp
	Word   *Word  // the operator's, nil where it is empty. Within DoubleQuoted its plain text is Quoted, unless Op is one that takes a pattern
	Text   string // as written, for errors
	Line   int
}

// ParamOp is the operator of a Param.
type ParamOp uint8

// The operators. BadParam is an operator that does not exist: an error when it is
// expanded.
const (
	Plain ParamOp = iota
	Default
	AssignDefault
	ErrorIfUnset
	Alternative
	RemoveShortSuffix
	RemoveLongSuffix
	RemoveShortPrefix
	RemoveLongPrefix
	BadParam
)

// Substitution is a command substitution, $(…) or `…`.
type Substitution struct {
	Body List
	Line int
}

// Arithmetic is $((…)): its expression is a text that is expanded first, as within double
// quotes, and understood then.
type Arithmetic struct {
	Parts []Part
	Line  int
}

func (Lit) part()           {}
func (Quoted) part()        {}
func (*DoubleQuoted) part() {}
func (*Param) part()        {}
func (*Substitution) part() {}
func (*Arithmetic) part()   {}
