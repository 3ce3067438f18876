package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// context is where a word's text stands.
type context uint8

const (
	unquoted       context = iota
	inBraces               // the word of ${NAME-WORD}
	inPattern              // the word of "${NAME#WORD}": quotes count in it
	inQuotes               // "…"
	inQuotedBraces         // the word of "${NAME-WORD}"
	inDocument             // a here-document
	inArithmetic           // $((…))
)

// parts collects a word's parts, with its text in as few as can be.
type parts struct {
	list   []Part
	text   strings.Builder
	quoted bool // the text is
}

func (w *parts) add(part Part) {
	w.flush()
	w.list = append(w.list, part)
}

func (w *parts) write(c int, quoted bool) {
	if w.quoted != quoted {
		w.flush()
	}
	w.quoted = quoted
	w.text.WriteByte(byte(c))
}

func (w *parts) flush() {
	if w.text.Len() == 0 {
		return
	}
	if w.quoted {
		w.list = append(w.list, Quoted(w.text.String()))
	} else {
		w.list = append(w.list, Lit(w.text.String()))
	}
	w.text.Reset()
}

// word reads a word to its end, which the context tells.
func (p *Parser) word(at context) *Word {
	w := &Word{Line: p.line}
	var all parts
	for {
		c := p.look()
		switch {
		case at == unquoted && endsWord(c), at != unquoted && c == '}':
			all.flush()
			w.Parts = all.list
			w.fix()
			return w
		case c == eof:
			p.unclosed("${", w.Line, "}")
		case isSpecial(c):
			p.special(&all, at)
		case c == '\'':
			p.take()
			all.add(Quoted(p.singleQuoted()))
		case c == '"':
			p.take()
			all.add(&DoubleQuoted{p.doubleQuoted(inQuotes)})
		default:
			all.write(p.take(), false)
		}
	}
}

func (p *Parser) singleQuoted() string {
	var text strings.Builder
	line := p.line
	for {
		switch c := p.take(); c {
		case eof:
			p.unclosed("the quote '", line, "another '")
		case '\'':
			return text.String()
		default:
			text.WriteByte(byte(c))
		}
	}
}

// doubleQuoted reads text in which only $, ` and \ are special, to its end: a ", a } or
// the end of the here-document.
func (p *Parser) doubleQuoted(at context) []Part {
	var all parts
	line := p.line
	for {
		c := p.look()
		switch {
		case c == eof && at == inDocument, c == '"' && at == inQuotes, c == '}' && at == inQuotedBraces:
			if at == inQuotes {
				p.take()
			}
			all.flush()
			return all.list
		case c == eof && at == inQuotedBraces:
			p.unclosed("${", line, "}")
		case c == eof:
			p.unclosed(`the quote "`, line, `another "`)
		case c == '"' && at == inQuotedBraces:
			p.take()
			all.add(&DoubleQuoted{p.doubleQuoted(inQuotes)})
		case isSpecial(c):
			p.special(&all, at)
		default:
			all.write(p.take(), true)
		}
	}
}

// isSpecial tells the characters that mean something in double quotes as well.
func isSpecial(c int) bool { return c == '$' || c == '`' || c == '\\' }

// special reads what begins with one of them.
func (p *Parser) special(all *parts, at context) {
	switch p.take() {
	case '$':
		p.dollar(all, at)
	case '`':
		all.add(p.backquoted(at))
	default:
		p.escaped(all, at)
	}
}

// escaped reads what stands behind a backslash.
func (p *Parser) escaped(all *parts, at context) {
	c := p.peek()
	if !at.quotes() && c != eof || isSpecial(c) || c == '"' && at != inDocument || c == '}' && at == inQuotedBraces {
		all.write(p.take(), true)
		return
	}
	all.write('\\', true)
}

// dollarQuoted reads $'…' to its end (XCU 2.2.4).
func (p *Parser) dollarQuoted() string {
	var text strings.Builder
	line := p.line
	for {
		switch c := p.take(); c {
		case eof:
			p.unclosed("the quote '", line, "another '")
		case '\'':
			s, _, _ := strings.Cut(text.String(), "\x00")
			return s
		case '\\':
			p.dollarEscape(&text)
		default:
			text.WriteByte(byte(c))
		}
	}
}

var dollarEscapes = map[int]byte{'a': 7, 'b': 8, 'e': 27, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}

func (p *Parser) dollarEscape(text *strings.Builder) {
	c := p.take()
	switch {
	case c == eof:
		p.unclosed("the quote $'", p.line, "'")
	case c == 'x':
		text.WriteByte(byte(p.digits(2, 16)))
	case c == 'u', c == 'U':
		text.Write(utf8.AppendRune(nil, rune(p.digits(map[int]int{'u': 4, 'U': 8}[c], 16))))
	case c >= '0' && c <= '7':
		p.top.pos--
		text.WriteByte(byte(p.digits(3, 8)))
	case c == 'c':
		text.WriteByte(byte(p.take()) & 0x1f)
	case dollarEscapes[c] != 0:
		text.WriteByte(dollarEscapes[c])
	case c == '\'', c == '"', c == '\\':
		text.WriteByte(byte(c))
	default:
		text.WriteString("\\" + string(rune(c)))
	}
}

func (p *Parser) digits(most, base int) int {
	text := ""
	for len(text) < most {
		c := p.peek()
		if c == eof {
			break
		}
		if _, err := strconv.ParseUint(string(rune(c)), base, 8); err != nil {
			break
		}
		text += string(rune(p.take()))
	}
	n, _ := strconv.ParseUint(text, base, 32)
	return int(n)
}

// fix finds out whether a word is the same whenever it is expanded.
func (w *Word) fix() {
	w.Literal, w.Fixed = fixed(w.Parts)
	w.Constant = constant(w.Parts)
}

// constant tells whether nothing is expanded in these parts.
func constant(list []Part) bool {
	for _, part := range list {
		switch part := part.(type) {
		case Lit:
			if strings.Contains(string(part), "~") {
				return false
			}
		case Quoted:
		case *DoubleQuoted:
			if !constant(part.Parts) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func fixed(list []Part) (string, bool) {
	if len(list) == 1 && list[0] == Lit("[") {
		return "[", true
	}
	text := ""
	for _, part := range list {
		switch part := part.(type) {
		case Lit:
			if strings.ContainsAny(string(part), "*?[~") {
				return "", false
			}
			text += string(part)
		case Quoted:
			text += string(part)
		case *DoubleQuoted:
			inner, ok := fixed(part.Parts)
			if !ok {
				return "", false
			}
			text += inner
		default:
			return "", false
		}
	}
	return text, true
}
