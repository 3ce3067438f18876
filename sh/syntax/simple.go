package syntax

import (
	"strconv"
	"strings"
)

// simple reads a simple command or a function's definition.
func (p *Parser) simple() Command {
	s := &Simple{Line: p.peekToken().line}
	for {
		t := p.plain()
		if len(s.Words) == 0 {
			t = p.simpleBegin(s)
		}
		switch {
		case p.atRedirect():
			s.Redirects = append(s.Redirects, p.redirect())
		case t.kind == tokWord:
			word := p.nextToken().word
			if assign := assignment(word); assign != nil && len(s.Words) == 0 {
				s.Assigns = append(s.Assigns, assign)
				continue
			}
			s.Words = append(s.Words, word)
			if t := p.plain(); t.is("(") && len(s.Words) == 1 && s.Assigns == nil && s.Redirects == nil {
				return p.function(word, s.Line)
			}
		default:
			if len(s.Words) == 0 && s.Assigns == nil && s.Redirects == nil {
				p.unexpected()
			}
			return s
		}
	}
}

// simpleBegin is the next token where the command's name can stand: behind an assignment
// or a redirection, reserved words are ordinary ones.
func (p *Parser) simpleBegin(s *Simple) *token {
	for p.substitute() {
	}
	return p.peekToken()
}

func (p *Parser) function(name *Word, line int) Command {
	at := p.nextToken().line
	if !p.plain().is(")") {
		p.fail(at, `unexpected "("`)
	}
	p.nextToken()
	if !name.Fixed || !IsName(name.Literal) || len(name.Parts) != 1 {
		p.fail(line, "bad function name")
	}
	p.skipNewlines(begin)
	return &Function{name.Literal, p.command(), line}
}

// assignment splits a word that is NAME=VALUE; else it returns nil.
func assignment(w *Word) *Assign {
	lit, ok := w.Parts[0].(Lit)
	if !ok {
		return nil
	}
	name, value, found := strings.Cut(string(lit), "=")
	if !found || !IsName(name) {
		return nil
	}
	parts := w.Parts[1:]
	if value != "" {
		parts = append([]Part{Lit(value)}, parts...)
	}
	rest := &Word{Parts: parts, Line: w.Line}
	rest.fix()
	return &Assign{name, rest}
}

var redirections = map[string]RedirectOp{
	"<": Read, ">": Write, ">|": Clobber, ">>": Append, "<>": ReadWrite, "<&": DuplicateIn, ">&": DuplicateOut, "<<": Here, "<<-": Here,
}

func (p *Parser) atRedirect() bool {
	t := p.peekToken()
	if t.kind == tokNumber {
		return true
	}
	_, ok := redirections[t.text]
	return ok && t.kind == tokOperator
}

func (p *Parser) redirect() *Redirect {
	t := p.nextToken()
	r := &Redirect{FD: -1, Line: t.line}
	if t.kind == tokNumber {
		n, err := strconv.Atoi(t.text)
		if err != nil || n > maxDescriptor {
			p.fail(t.line, "descriptor %s is too high", t.text)
		}
		r.FD = n
		t = p.nextToken()
	}
	r.Op = redirections[t.text]
	if r.FD < 0 {
		r.FD = defaultDescriptor(r.Op)
	}
	if p.plain().kind != tokWord {
		p.unexpected()
	}
	target := p.nextToken().word
	if r.Op == Here {
		p.documents = append(p.documents, newDocument(r, target, t.text == "<<-"))
		return r
	}
	r.Target = target
	return r
}

// maxDescriptor is more than a script will ever use.
const maxDescriptor = 1023

func defaultDescriptor(op RedirectOp) int {
	switch op {
	case Write, Clobber, Append, DuplicateOut:
		return 1
	}
	return 0
}
