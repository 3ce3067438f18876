package syntax

import "strings"

// oneCharacter are the parameters that are one character, beside the digits.
const oneCharacter = "@*#?-$!"

// quotes tells whether an expansion there is within double quotes.
func (at context) quotes() bool {
	return at == inQuotes || at == inQuotedBraces || at == inDocument || at == inArithmetic
}

// dollar reads what follows a $.
func (p *Parser) dollar(all *parts, at context) {
	line := p.line
	c := p.look()
	switch {
	case c == '{':
		p.take()
		all.add(p.braced(at, line))
	case c == '(':
		p.take()
		all.add(p.parenthesised(line))
	case isLetter(c):
		name := p.name()
		all.add(&Param{Name: name, Text: "$" + name, Line: line})
	case isDigit(c), c != eof && strings.IndexByte(oneCharacter, byte(c)) >= 0:
		p.take()
		all.add(&Param{Name: string(rune(c)), Text: "$" + string(rune(c)), Line: line})
	case c == '\'' && !at.quotes():
		p.take()
		all.add(Quoted(p.dollarQuoted()))
	default:
		all.write('$', at.quotes())
	}
}

func (p *Parser) name() string {
	var name strings.Builder
	for c := p.look(); isLetter(c) || isDigit(c); c = p.look() {
		name.WriteByte(byte(p.take()))
	}
	return name.String()
}

// braced reads what follows ${.
func (p *Parser) braced(at context, line int) *Param {
	defer p.nest(line)()
	e := &Param{Line: line}
	from, begin := p.top, p.top.pos
	if p.look() == '#' && p.isLength() {
		p.take()
		e.Length = true
	}
	e.Name = p.parameter()
	if !p.accept('}') {
		p.operator(e, at)
	}
	if p.top == from {
		e.Text = "${" + from.text[begin:from.pos]
	}
	return e
}

// isLength tells whether the # that comes next asks for a length: it is the parameter #
// if an operator or the end follows.
func (p *Parser) isLength() bool {
	m := p.mark()
	defer func() { p.back(m) }()
	p.take()
	c := p.look()
	switch {
	case isLetter(c), isDigit(c):
		return true
	case c == eof || strings.IndexByte(oneCharacter, byte(c)) < 0:
		return false
	}
	p.take()
	return p.look() == '}'
}

// parameter reads the name in ${NAME…}, "" if there is none.
func (p *Parser) parameter() string {
	c := p.look()
	switch {
	case isLetter(c):
		return p.name()
	case isDigit(c):
		var digits strings.Builder
		for c := p.look(); isDigit(c); c = p.look() {
			digits.WriteByte(byte(p.take()))
		}
		return digits.String()
	case c != eof && strings.IndexByte(oneCharacter, byte(c)) >= 0:
		return string(rune(p.take()))
	}
	return ""
}

// operator reads the operator and the word of ${NAME…}, and the brace.
func (p *Parser) operator(e *Param, at context) {
	e.Colon = p.accept(':')
	switch c := p.look(); {
	case c == eof:
		p.unclosed("${", e.Line, "}")
	case c == '-':
		e.Op = Default
	case c == '=':
		e.Op = AssignDefault
	case c == '?':
		e.Op = ErrorIfUnset
	case c == '+':
		e.Op = Alternative
	case c == '%':
		e.Op = RemoveShortSuffix
	case c == '#':
		e.Op = RemoveShortPrefix
	default:
		e.Op = BadParam
	}
	if e.Op != BadParam {
		c := p.take()
		if e.Op >= RemoveShortSuffix && p.accept(byte(c)) {
			e.Op++
		}
	}
	pattern := e.Op >= RemoveShortSuffix && e.Op != BadParam
	if e.Name == "" || e.Length || e.Colon && pattern {
		e.Op = BadParam
	}
	word := &Word{Line: p.line}
	if at.quotes() && !pattern {
		word.Parts = p.doubleQuoted(inQuotedBraces)
		word.fix()
	} else {
		word = p.word(inBraces)
	}
	p.take()
	if len(word.Parts) > 0 {
		e.Word = word
	}
}

// parenthesised reads what follows $(: an arithmetic expression or commands.
func (p *Parser) parenthesised(line int) Part {
	place := p.base.pos
	if p.look() == '(' && !(p.top == &p.base && p.notArithmetic[place]) {
		m := p.mark()
		p.take()
		if a, ok := p.arithmetic(line); ok {
			return a
		}
		// ( … ) within $( … )
		p.back(m)
		if p.top == &p.base {
			if p.notArithmetic == nil {
				p.notArithmetic = make(map[int]bool)
			}
			p.notArithmetic[place] = true
		}
	}
	return p.substitution(line)
}

// arithmetic reads the expression of $((…)); ok is false if it is something else.
func (p *Parser) arithmetic(line int) (a *Arithmetic, ok bool) {
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case *Error:
			if failed.Incomplete || failed.final {
				panic(failed)
			}
			a, ok = nil, false
		default:
			panic(failed)
		}
	}()
	depth := p.depth
	defer func() { p.depth = depth }()
	p.nest(line)
	var all parts
	for depth := 0; ; {
		c := p.look()
		switch {
		case c == eof:
			p.unclosed("$((", line, "))")
		case c == ')' && depth == 0:
			p.take()
			all.flush()
			if p.look() == eof {
				p.unclosed("$((", line, "))")
			}
			return &Arithmetic{all.list, line}, p.accept(')')
		case isSpecial(c):
			p.special(&all, inArithmetic)
		case c == '"':
			p.take() // quotes are as good as none
		default:
			switch c {
			case '(':
				depth++
			case ')':
				depth--
			}
			all.write(p.take(), true)
		}
	}
}

// substitution reads the commands of $(…).
func (p *Parser) substitution(line int) *Substitution {
	outer := struct {
		tok       token
		lexed     bool
		documents []*document
		blank     bool
	}{p.tok, p.lexed, p.documents, p.blank}
	p.lexed, p.documents, p.blank = false, nil, false
	p.open = append(p.open, opening{"$(", line})
	body := p.list(")")
	p.open = p.open[:len(p.open)-1]
	p.nextToken()
	p.tok, p.lexed, p.documents, p.blank = outer.tok, outer.lexed, outer.documents, outer.blank
	return &Substitution{body, line}
}

// backquoted reads the commands of `…`.
func (p *Parser) backquoted(at context) *Substitution {
	line := p.line
	var text strings.Builder
	for {
		c := p.take()
		if c == '`' {
			break
		}
		if c == eof {
			p.unclosed("the quote `", line, "another `")
		}
		if c == '\\' {
			c = p.peek()
			if isSpecial(c) || c == '"' && at.quotes() {
				p.take()
			} else {
				c = '\\'
			}
		}
		text.WriteByte(byte(c))
	}
	inner := NewParser(Text(text.String()), line)
	inner.Alias, inner.depth = p.Alias, p.depth+1
	body, err := inner.all()
	if failed, ok := err.(*Error); ok {
		panic(failed)
	}
	return &Substitution{body, line}
}
