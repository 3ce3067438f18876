package syntax

import (
	"fmt"
	"io"
)

// Parser reads commands.
type Parser struct {
	reader

	// Alias returns the text of an alias, if there is one of that name. It may be nil.
	Alias func(name string) (string, bool)

	tok       token
	lexed     bool        // tok is the next token
	documents []*document // whose text comes after the line
	open      []opening   // compound commands around the next token
	depth     int         // of commands and expansions in each other

	outerDepth    int          // of the text that this one stands in
	notArithmetic map[int]bool // where a $(( turned out to be a $( and a (
}

// NewParser makes a parser whose first line has that number.
func NewParser(source Source, line int) *Parser {
	p := &Parser{reader: reader{source: source, line: line}}
	p.top = &p.base
	return p
}

// Error is a text that is no shell command.
type Error struct {
	Line int
	Text string
	// Incomplete tells that the text ends within a command.
	Incomplete bool

	final bool // the text is wrong however it is read
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: syntax error: %s", e.Line, e.Text) }

// Next reads the commands of the next line, and of those after it that they reach into;
// an empty line has none. Its error is io.EOF at the end, an *Error, or the source's.
// After an Error the rest of the line is gone.
func (p *Parser) Next() (list List, err error) {
	p.forget()
	p.top, p.begun, p.lexed, p.documents, p.blank, p.open = &p.base, false, false, nil, false, nil
	p.depth, p.notArithmetic = p.outerDepth, nil
	defer func() {
		if e := recover(); e != nil {
			failed, ok := e.(*Error)
			if !ok {
				panic(e)
			}
			err = failed
			if p.reading != nil {
				err = p.reading
			}
			p.skipLine()
		}
	}()
	list = p.lineOfCommands()
	if p.reading != nil {
		return nil, p.reading
	}
	if list == nil && p.tok.kind == tokEnd {
		return nil, io.EOF
	}
	return list, nil
}

// Again lets a parser whose source was at its end, or interrupted, read on.
func (p *Parser) Again() { p.atEnd, p.reading = false, nil }

// ParseAll reads a whole text.
func ParseAll(text string, line int, alias func(string) (string, bool)) (List, error) {
	p := NewParser(Text(text), line)
	p.Alias = alias
	return p.all()
}

// all reads to the end.
func (p *Parser) all() (List, error) {
	depth := p.depth
	var all List
	for {
		p.outerDepth = depth
		list, err := p.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, list...)
	}
}

func (p *Parser) skipLine() {
	p.top = &p.base
	for p.base.pos < len(p.base.text) && p.base.text[p.base.pos] != '\n' {
		p.base.pos++
	}
}

// lineOfCommands reads until a newline stands where a command may end.
func (p *Parser) lineOfCommands() List {
	var list List
	for {
		t := p.begin()
		if t.kind == tokNewline || t.kind == tokEnd {
			p.nextToken()
			p.endDocuments(t.kind)
			return list
		}
		p.begun = true
		list = append(list, p.andOr())
		switch t := p.plain(); {
		case t.kind == tokNewline || t.kind == tokEnd:
		case t.is(";"):
			p.nextToken()
		case t.is("&"):
			// andOr has made the background command of it
			p.nextToken()
		default:
			p.unexpected()
		}
	}
}

// list reads commands up to one of these words or operators, which it leaves.
func (p *Parser) list(ends ...string) List {
	var list List
	for {
		p.skipNewlines(begin)
		t := p.begin()
		if t.kind == tokEnd {
			p.incomplete(ends...)
		}
		for _, end := range ends {
			if t.text == end && (t.kind == tokOperator || t.kind == tokWord) {
				return list
			}
		}
		list = append(list, p.andOr())
		switch t := p.plain(); {
		case t.kind == tokNewline:
		case t.is(";"), t.is("&"):
			p.nextToken()
		case t.kind == tokEnd:
			p.incomplete(ends...)
		default:
			ended := false
			for _, end := range ends {
				ended = ended || t.text == end && t.kind != tokNumber
			}
			if !ended {
				p.unexpected()
			}
			return list
		}
	}
}

// commands is a list with at least one command in it.
func (p *Parser) commands(ends ...string) List {
	list := p.list(ends...)
	if len(list) == 0 {
		p.unexpected()
	}
	return list
}

func begin(p *Parser) *token { return p.begin() }

// skipNewlines goes past newlines, where next returns the next token.
func (p *Parser) skipNewlines(next func(*Parser) *token) {
	for next(p).kind == tokNewline {
		p.nextToken()
	}
}

// andOr reads pipelines joined by && and ||, and the & behind them if there is one, which
// it leaves.
func (p *Parser) andOr() Command {
	line, start := p.peekToken().line, p.tokenStart()
	command := p.pipeline()
	for {
		t := p.plain()
		if !t.is("&&") && !t.is("||") {
			break
		}
		or := t.is("||")
		p.nextToken()
		p.skipNewlines(begin)
		command = &AndOr{command, p.pipeline(), or}
	}
	if p.peekToken().is("&") {
		return &Background{command, p.textFrom(start), line}
	}
	return command
}

func (p *Parser) pipeline() Command {
	negated := false
	for t := p.begin(); t.kind == tokWord && t.text == "!"; t = p.begin() {
		p.nextToken()
		negated = !negated // ! ! COMMAND is no POSIX, but every shell has it
	}
	commands := []Command{p.command()}
	for p.plain().is("|") {
		p.nextToken()
		p.skipNewlines(begin)
		commands = append(commands, p.command())
	}
	if len(commands) == 1 && !negated {
		return commands[0]
	}
	return &Pipeline{negated, commands}
}

// maxNesting is how deep commands and expansions may stand in each other.
const maxNesting = 1000

// nest goes a step deeper; up is for the way back.
func (p *Parser) nest(line int) (up func()) {
	if p.depth++; p.depth > maxNesting {
		text := fmt.Sprintf("more than %d commands or expansions within each other", maxNesting)
		panic(&Error{Line: line, Text: text, final: true})
	}
	return func() { p.depth-- }
}

func (p *Parser) fail(line int, format string, args ...any) {
	panic(&Error{Line: line, Text: fmt.Sprintf(format, args...)})
}

// unexpected fails at the next token.
func (p *Parser) unexpected() {
	t := p.peekToken()
	switch t.kind {
	case tokEnd:
		p.incomplete()
	case tokNewline:
		p.fail(t.line, "unexpected newline")
	case tokOperator:
		p.fail(t.line, "unexpected %q", t.text)
	default:
		if t.text == "" {
			p.fail(t.line, "unexpected word")
		}
		p.fail(t.line, "unexpected %q", t.text)
	}
}

// opening is the word that begins a compound command, and where it stands.
type opening struct {
	word string
	line int
}

// incomplete fails at the end of the text, where a compound command is still open.
func (p *Parser) incomplete(expected ...string) {
	if len(p.open) == 0 || len(expected) == 0 {
		panic(&Error{Line: p.line, Text: "unexpected end of file", Incomplete: true})
	}
	last := p.open[len(p.open)-1]
	panic(&Error{Line: last.line, Text: fmt.Sprintf("%q is not closed: %q is missing", last.word, expected[0]), Incomplete: true})
}

// unclosed fails at the end of the text, within quotes or an expansion that begin there.
func (p *Parser) unclosed(opening string, line int, closing string) {
	panic(&Error{Line: line, Text: fmt.Sprintf("%s is not closed: %s is missing", opening, closing), Incomplete: true})
}

// tokenStart and textFrom give the script's text between two tokens.
func (p *Parser) tokenStart() int {
	return p.peekToken().start
}

func (p *Parser) textFrom(start int) string {
	if start < 0 || start > p.base.pos {
		return ""
	}
	text := p.base.text[start:p.base.pos]
	for len(text) > 0 && (text[len(text)-1] == '&' || text[len(text)-1] == ' ') {
		text = text[:len(text)-1]
	}
	return text
}
