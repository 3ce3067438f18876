package syntax

import "strings"

type kind uint8

const (
	tokWord kind = iota
	tokOperator
	tokNewline
	tokEnd
	tokNumber // the descriptor before a redirection's operator
)

// token is a word or an operator.
type token struct {
	kind    kind
	text    string // the operator, or a word without any quotes and expansions
	word    *Word
	line    int
	within  *frame // where it begins
	aliased bool   // comes after an alias that ends in a blank
	start   int    // where it begins in the script's text, or -1 in an alias's
}

func (t *token) is(operator string) bool { return t.kind == tokOperator && t.text == operator }

// operators begin with one of these.
const operatorBytes = "&|;<>()"

var operators = map[string]bool{
	"&": true, "&&": true, "|": true, "||": true, ";": true, ";;": true, ";&": true, "(": true, ")": true,
	"<": true, ">": true, ">>": true, "<<": true, "<<-": true, "<&": true, ">&": true, "<>": true, ">|": true,
}

// peekToken returns the next token.
func (p *Parser) peekToken() *token {
	if !p.lexed {
		p.tok, p.lexed = p.lex(), true
	}
	return &p.tok
}

// nextToken returns the next token and goes past it.
func (p *Parser) nextToken() token {
	t := *p.peekToken()
	p.lexed = false
	if t.kind == tokNewline {
		p.readDocuments()
	}
	return t
}

func (p *Parser) lex() token {
	p.skipBlanks()
	c := p.look()
	t := token{line: p.line, within: p.top, aliased: p.blank}
	p.blank = false
	t.start = -1
	if p.top == &p.base {
		t.start = p.base.pos
	}
	switch {
	case c == eof:
		t.kind = tokEnd
	case c == '\n':
		p.take()
		t.kind = tokNewline
	case strings.IndexByte(operatorBytes, byte(c)) >= 0:
		t.kind, t.text = tokOperator, p.lexOperator()
	default:
		p.begun = true
		p.lexWord(&t)
	}
	return t
}

func (p *Parser) skipBlanks() {
	for {
		switch p.look() {
		case ' ', '\t':
			p.take()
		case '#':
			for c := p.peek(); c != '\n' && c != eof; c = p.peek() {
				p.take()
			}
			return
		default:
			return
		}
	}
}

func (p *Parser) lexOperator() string {
	text := string(rune(p.take()))
	for {
		c := p.look()
		if c == eof || !operators[text+string(rune(c))] {
			return text
		}
		p.take()
		text += string(rune(c))
	}
}

func isBlank(c int) bool { return c == ' ' || c == '\t' }

// endsWord tells whether an unquoted c ends a word.
func endsWord(c int) bool {
	return c == eof || c == '\n' || isBlank(c) || strings.IndexByte(operatorBytes, byte(c)) >= 0
}

// lexWord reads a word, or the number before a redirection.
func (p *Parser) lexWord(t *token) {
	word := p.word(unquoted)
	word.Line = t.line
	t.word = word
	if len(word.Parts) == 1 {
		if lit, ok := word.Parts[0].(Lit); ok {
			t.text = string(lit)
			if c := p.peek(); (c == '<' || c == '>') && isNumber(t.text) {
				t.kind = tokNumber
			}
		}
	}
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// substitute puts the text of an alias in place of the next token, if that is its name.
func (p *Parser) substitute() bool {
	t := p.peekToken()
	if p.Alias == nil || t.kind != tokWord || t.text == "" || t.within.active(t.text) {
		return false
	}
	text, ok := p.Alias(t.text)
	if !ok {
		return false
	}
	p.top = &frame{text: text, alias: t.text, under: p.top}
	p.lexed = false
	// what the text begins with stands where the name stood
	p.blank = t.aliased
	return true
}

// plain is the next token, where aliases count only after one that ends in a blank.
func (p *Parser) plain() *token {
	for p.peekToken().aliased && p.substitute() {
	}
	return p.peekToken()
}

// keyword is the next token where one of these words is expected; they are no aliases
// there.
func (p *Parser) keyword(words ...string) *token {
	for {
		t := p.peekToken()
		if t.kind == tokWord {
			for _, w := range words {
				if t.text == w {
					return t
				}
			}
		}
		if !p.substitute() {
			return t
		}
	}
}

// begin is the next token where a command can begin.
func (p *Parser) begin() *token {
	for !reserved[p.peekToken().text] && p.substitute() {
	}
	return p.peekToken()
}

var reserved = map[string]bool{
	"!": true, "{": true, "}": true, "case": true, "do": true, "done": true, "elif": true, "else": true, "esac": true,
	"fi": true, "for": true, "if": true, "in": true, "then": true, "until": true, "while": true,
}
