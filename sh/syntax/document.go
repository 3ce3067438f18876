package syntax

import "strings"

// document is a here-document that was announced and not read yet.
type document struct {
	redirect  *Redirect
	delimiter string
	quoted    bool
	tabs      bool // <<-: tabs at the beginning of a line are dropped
}

func newDocument(r *Redirect, delimiter *Word, tabs bool) *document {
	d := &document{redirect: r, tabs: tabs}
	d.delimiter, d.quoted = withoutQuotes(delimiter.Parts)
	return d
}

// withoutQuotes is a delimiter's text, in which nothing is expanded.
func withoutQuotes(parts []Part) (text string, quoted bool) {
	for _, part := range parts {
		switch part := part.(type) {
		case Lit:
			text += string(part)
		case Quoted:
			text, quoted = text+string(part), true
		case *DoubleQuoted:
			inner, _ := withoutQuotes(part.Parts)
			text, quoted = text+inner, true
		case *Param:
			text += part.Text
		}
	}
	return text, quoted
}

// readDocuments reads the here-documents after a line's end.
func (p *Parser) readDocuments() {
	documents := p.documents
	p.documents = nil
	for _, d := range documents {
		p.readDocument(d)
	}
}

// endDocuments gives those an empty text for which the script ends too early.
func (p *Parser) endDocuments(end kind) {
	if end == tokEnd {
		p.readDocuments()
	}
}

func (p *Parser) readDocument(d *document) {
	var body strings.Builder
	line := p.line
	for {
		text, ok := p.documentLine(d)
		if !ok || strings.TrimSuffix(text, "\n") == d.delimiter {
			break
		}
		body.WriteString(text)
	}
	d.redirect.Document = documentWord(body.String(), d.quoted, line, p.Alias)
}

// documentLine reads a line. Where expansions count, a backslash joins the next one to it.
func (p *Parser) documentLine(d *document) (string, bool) {
	var line []byte
	if d.tabs {
		for p.peek() == '\t' {
			p.take()
		}
	}
	backslash := false
	for {
		c := p.take()
		if c == eof {
			return string(line), len(line) > 0
		}
		line = append(line, byte(c))
		switch {
		case c != '\n':
			backslash = c == '\\' && !backslash
		case backslash && !d.quoted:
			line, backslash = line[:len(line)-2], false
		default:
			return string(line), true
		}
	}
}

func documentWord(text string, quoted bool, line int, alias func(string) (string, bool)) *Word {
	if quoted || !strings.ContainsAny(text, "$`\\") {
		return &Word{Parts: []Part{&DoubleQuoted{[]Part{Quoted(text)}}}, Line: line, Fixed: true, Literal: text}
	}
	inner := NewParser(Text(text), line)
	inner.Alias = alias
	word := &Word{Parts: []Part{&DoubleQuoted{inner.doubleQuoted(inDocument)}}, Line: line}
	word.fix()
	return word
}

// Document is a text in which expansions count as in a here-document, for prompts.
func Document(text string) *Word { return documentWord(text, false, 1, nil) }
