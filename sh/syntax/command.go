// Package syntax reads the shell's language, POSIX.1-2024 XCU 2, into a tree: command by
// command, so that each is read with the aliases that those before it made, and no
// further than the end of its line.
package syntax

// List is commands that run one after the other.
type List []Command

// Command is one of *Simple, *Pipeline, *AndOr, *Background, *Group, *Subshell, *If,
// *While, *For, *Case, *Function and *Redirected.
type Command interface{ command() }

// Simple is a simple command: assignments, redirections and the words of a command.
type Simple struct {
	Assigns   []*Assign
	Words     []*Word
	Redirects []*Redirect
	Line      int
}

// Assign is NAME=VALUE.
type Assign struct {
	Name  string
	Value *Word // never nil
}

// Pipeline is commands joined by |, and perhaps negated: a single command stands in one
// only if it is.
type Pipeline struct {
	Negated  bool
	Commands []Command
}

// AndOr is LEFT && RIGHT, or LEFT || RIGHT.
type AndOr struct {
	Left, Right Command
	Or          bool
}

// Background is COMMAND &.
type Background struct {
	Command Command
	Text    string // as written, for jobs
	Line    int
}

// Group is { …; }.
type Group struct{ Body List }

// Subshell is ( … ).
type Subshell struct {
	Body List
	Line int
}

// If is if COND; then THEN; else ELSE; fi. An elif is an If in Else.
type If struct{ Cond, Then, Else List }

// While is a while loop, or an until loop.
type While struct {
	Cond, Body List
	Until      bool
}

// For is a for loop.
type For struct {
	Name  string
	In    bool // has words; else it goes over the positional parameters
	Words []*Word
	Body  List
	Line  int
}

// Case is a case.
type Case struct {
	Subject *Word
	Items   []*CaseItem
	Line    int
}

// CaseItem is one branch of a Case.
type CaseItem struct {
	Patterns []*Word
	Body     List
	Through  bool // ends with ;& and goes on with the next branch's body
}

// Function is the definition of a function.
type Function struct {
	Name string
	Body Command
	Line int
}

// Redirected is a compound command with redirections.
type Redirected struct {
	Command   Command
	Redirects []*Redirect
	Line      int
}

// Redirect is a redirection.
type Redirect struct {
	FD       int // the descriptor that it changes
	Op       RedirectOp
	Target   *Word // a file's name or a descriptor; nil for a here-document
	Document *Word // a here-document's text, one *DoubleQuoted
	Line     int
}

// RedirectOp is the operator of a Redirect.
type RedirectOp uint8

// The operators: <, >, >|, >>, <>, <&, >&, and << or <<-.
const (
	Read RedirectOp = iota
	Write
	Clobber
	Append
	ReadWrite
	DuplicateIn
	DuplicateOut
	Here
)

func (*Simple) command()     {}
func (*Pipeline) command()   {}
func (*AndOr) command()      {}
func (*Background) command() {}
func (*Group) command()      {}
func (*Subshell) command()   {}
func (*If) command()         {}
func (*While) command()      {}
func (*For) command()        {}
func (*Case) command()       {}
func (*Function) command()   {}
func (*Redirected) command() {}
