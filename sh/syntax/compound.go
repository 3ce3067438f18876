package syntax

// command reads a simple or compound command, or a function's definition.
func (p *Parser) command() Command {
	t := p.begin()
	p.begun = true
	defer p.nest(t.line)()
	switch {
	case t.is("("), t.kind == tokWord && reserved[t.text]:
		p.open = append(p.open, opening{t.text, t.line})
		compound := p.compound()
		p.open = p.open[:len(p.open)-1]
		return p.redirected(compound)
	}
	return p.simple()
}

func (p *Parser) compound() Command {
	line := p.peekToken().line
	switch p.peekToken().text {
	case "(":
		return p.subshell()
	case "{":
		p.nextToken()
		body := p.commands("}")
		p.nextToken()
		return &Group{body}
	case "if":
		p.nextToken()
		return p.ifClause()
	case "while", "until":
		until := p.nextToken().text == "until"
		cond := p.commands("do")
		return &While{cond, p.doGroup(), until}
	case "for":
		p.nextToken()
		return p.forClause(line)
	case "case":
		p.nextToken()
		return p.caseClause(line)
	}
	p.unexpected()
	return nil
}

func (p *Parser) subshell() Command {
	line := p.nextToken().line
	body := p.commands(")")
	p.nextToken()
	return &Subshell{body, line}
}

// ifClause reads what follows an if or an elif.
func (p *Parser) ifClause() *If {
	clause := &If{Cond: p.commands("then")}
	p.nextToken()
	clause.Then = p.commands("fi", "else", "elif")
	switch p.nextToken().text {
	case "else":
		clause.Else = p.commands("fi")
		p.nextToken()
	case "elif":
		clause.Else = List{p.ifClause()}
	}
	return clause
}

// doGroup reads do … done; the do is next.
func (p *Parser) doGroup() List {
	if p.nextToken().text != "do" {
		p.unexpected()
	}
	body := p.commands("done")
	p.nextToken()
	return body
}

func (p *Parser) forClause(line int) Command {
	name := p.plain()
	if name.kind != tokWord || !IsName(name.text) {
		p.fail(name.line, "bad for loop variable")
	}
	clause := &For{Name: p.nextToken().text, Line: line}
	inOrDo := func(p *Parser) *token { return p.keyword("in", "do") }
	p.skipNewlines(inOrDo)
	switch t := inOrDo(p); {
	case t.kind == tokWord && t.text == "in":
		p.nextToken()
		clause.In = true
		for p.plain().kind == tokWord {
			clause.Words = append(clause.Words, p.nextToken().word)
		}
		if t := p.plain(); t.kind != tokNewline && !t.is(";") {
			p.unexpected()
		}
		p.nextToken()
	case t.is(";"):
		p.nextToken()
	}
	do := func(p *Parser) *token { return p.keyword("do") }
	p.skipNewlines(do)
	if t := do(p); t.kind != tokWord || t.text != "do" {
		p.unexpected()
	}
	clause.Body = p.doGroup()
	return clause
}

func (p *Parser) caseClause(line int) Command {
	if p.plain().kind != tokWord {
		p.unexpected()
	}
	clause := &Case{Subject: p.nextToken().word, Line: line}
	in := func(p *Parser) *token { return p.keyword("in") }
	p.skipNewlines(in)
	if t := in(p); t.kind != tokWord || t.text != "in" {
		p.unexpected()
	}
	p.nextToken()
	for {
		item := func(p *Parser) *token {
			for p.peekToken().text != "esac" && p.peekToken().aliased && p.substitute() {
			}
			return p.peekToken()
		}
		p.skipNewlines(item)
		t := item(p)
		if t.kind == tokWord && t.text == "esac" {
			p.nextToken()
			return clause
		}
		if t.is("(") {
			p.nextToken()
		}
		clause.Items = append(clause.Items, p.caseItem())
	}
}

func (p *Parser) caseItem() *CaseItem {
	item := new(CaseItem)
	for {
		if p.plain().kind != tokWord {
			p.unexpected()
		}
		item.Patterns = append(item.Patterns, p.nextToken().word)
		if !p.plain().is("|") {
			break
		}
		p.nextToken()
	}
	if !p.plain().is(")") {
		p.unexpected()
	}
	p.nextToken()
	item.Body = p.list(";;", ";&", "esac")
	if t := p.peekToken(); t.kind == tokOperator {
		item.Through = p.nextToken().text == ";&"
	}
	return item
}

// redirected reads the redirections of a compound command.
func (p *Parser) redirected(c Command) Command {
	line := p.plain().line
	var redirects []*Redirect
	for p.atRedirect() {
		redirects = append(redirects, p.redirect())
	}
	if redirects == nil {
		return c
	}
	return &Redirected{c, redirects, line}
}

// IsName tells whether s can be a variable's name (XBD 3.216).
func IsName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(int(c)) && (i == 0 || !isDigit(int(c))) {
			return false
		}
	}
	return s != ""
}

func isLetter(c int) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' && c < 0x80 && c > 0 }
func isDigit(c int) bool  { return c >= '0' && c <= '9' }
