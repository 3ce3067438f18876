package tools

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// sedParser reads a script of sed (XCU, sed).
type sedParser struct {
	text     string
	extended bool
	last     *regexp.Regexp // that an empty pattern stands for
}

func (p *sedParser) skip(set string) { p.text = strings.TrimLeft(p.text, set) }

// take takes the next byte, or 0 at the end.
func (p *sedParser) take() byte {
	if p.text == "" {
		return 0
	}
	c := p.text[0]
	p.text = p.text[1:]
	return c
}

// list reads commands to the end, or to a closing brace.
func (p *sedParser) list(nested bool) ([]sedLine, error) {
	var all []sedLine
	for {
		p.skip(" \t\n;")
		switch {
		case p.text == "" && nested:
			return nil, errors.New("a } is missing")
		case p.text == "":
			return all, nil
		case p.text[0] == '#':
			_, p.text, _ = strings.Cut(p.text, "\n")
			continue
		case p.text[0] == '}' && nested:
			p.take()
			return all, nil
		}
		l, err := p.command()
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
}

func (p *sedParser) command() (l sedLine, err error) {
	if l.from, err = p.address(); err != nil {
		return l, err
	}
	p.skip(" \t")
	if l.from != nil && strings.HasPrefix(p.text, ",") {
		p.take()
		p.skip(" \t")
		if l.to, err = p.address(); err == nil && l.to == nil {
			err = errors.New("behind a comma a second address is missing")
		}
		if err != nil {
			return l, err
		}
	}
	p.skip(" \t")
	for strings.HasPrefix(p.text, "!") {
		p.take()
		l.not = true
		p.skip(" \t")
	}
	l.verb = p.take()
	switch l.verb {
	case '{':
		l.body, err = p.list(true)
		return l, err
	case 'd', 'p', 'q', '=', 'N':
		return l, p.end()
	case 'a', 'i', 'c':
		l.text = p.line()
		return l, nil
	case 's':
		if err = p.substitution(&l); err != nil {
			return l, err
		}
		return l, p.end()
	case 'y':
		if err = p.translation(&l); err != nil {
			return l, err
		}
		return l, p.end()
	case 0:
		return l, errors.New("a command is missing")
	}
	return l, fmt.Errorf("there is no command %q here: d p q = N a i c s y { }", l.verb)
}

// end refuses what stands behind a command.
func (p *sedParser) end() error {
	p.skip(" \t")
	if p.text == "" || strings.IndexByte(";\n}", p.text[0]) >= 0 {
		return nil
	}
	return fmt.Errorf("unexpected %q behind a command", p.text)
}

// line is the text of a, i and c: one line, or more where each but the last ends in a backslash.
func (p *sedParser) line() string {
	p.skip(" \t")
	p.text = strings.TrimPrefix(p.text, "\\")
	p.text = strings.TrimPrefix(p.text, "\n")
	var out strings.Builder
	for c := p.take(); c != 0 && c != '\n'; c = p.take() {
		if c == '\\' && p.text != "" {
			c = p.take()
		}
		out.WriteByte(c)
	}
	return out.String()
}

func (p *sedParser) address() (*sedAddress, error) {
	switch {
	case p.text == "":
		return nil, nil
	case p.text[0] == '$':
		p.take()
		return &sedAddress{last: true}, nil
	case '0' <= p.text[0] && p.text[0] <= '9':
		digits := p.text[:len(p.text)-len(strings.TrimLeft(p.text, "0123456789"))]
		p.text = p.text[len(digits):]
		n, err := strconv.Atoi(digits)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("%s is no line's number", digits)
		}
		return &sedAddress{line: n}, nil
	case p.text[0] == '/' || p.text[0] == '\\':
		delimiter := p.take()
		if delimiter == '\\' {
			delimiter = p.take()
		}
		pattern, err := p.until(delimiter)
		if err != nil {
			return nil, err
		}
		re, err := p.compile(pattern, strings.HasPrefix(p.text, "I"))
		p.text = strings.TrimPrefix(p.text, "I")
		return &sedAddress{re: re}, err
	}
	return nil, nil
}

// until takes what stands before the next delimiter that no backslash or bracket hides. An escaped delimiter is
// itself, and \n is a newline.
func (p *sedParser) until(delimiter byte) (string, error) {
	var out strings.Builder
	bracket := 0 // where a bracket expression began
	for {
		c := p.take()
		switch {
		case c == 0 || c == '\n' && bracket == 0:
			return "", fmt.Errorf("a %q is missing", delimiter)
		case c == '\\' && bracket == 0:
			switch e := p.take(); e {
			case delimiter:
				out.WriteByte(e)
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			default:
				out.WriteString("\\" + string([]byte{e}))
			}
			continue
		case c == '[' && bracket == 0:
			bracket = out.Len() + 1
		case c == ']' && bracket > 0 && out.Len() > bracket && out.String()[bracket:] != "^":
			bracket = 0
		case c == delimiter && bracket == 0:
			return out.String(), nil
		}
		out.WriteByte(c)
	}
}

func (p *sedParser) compile(pattern string, ignoreCase bool) (*regexp.Regexp, error) {
	if pattern == "" {
		if p.last == nil {
			return nil, errors.New("an empty pattern stands for the last one, and there is none")
		}
		return p.last, nil
	}
	text, err := translate(strings.ReplaceAll(pattern, "\n", "\\\n"), p.extended)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	if ignoreCase {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	re.Longest()
	p.last = re
	return re, nil
}

func (p *sedParser) substitution(l *sedLine) error {
	delimiter := p.take()
	pattern, err := p.until(delimiter)
	if err != nil {
		return err
	}
	if l.with, err = p.replacement(delimiter); err != nil {
		return err
	}
	ignoreCase := false
	for p.text != "" {
		c := p.text[0]
		switch {
		case c == 'g':
			l.global = true
		case c == 'p':
			l.print = true
		case c == 'i' || c == 'I':
			ignoreCase = true
		case '0' <= c && c <= '9':
			l.nth = l.nth*10 + int(c-'0')
		default:
			l.re, err = p.compile(pattern, ignoreCase)
			return err
		}
		p.take()
	}
	l.re, err = p.compile(pattern, ignoreCase)
	return err
}

// replacement reads the text of s, up to its delimiter: & is what matched, \1 what a group did.
func (p *sedParser) replacement(delimiter byte) ([]sedPart, error) {
	var parts []sedPart
	var text strings.Builder
	flush := func(group int) {
		if text.Len() > 0 {
			parts = append(parts, sedPart{text.String(), -1})
			text.Reset()
		}
		if group >= 0 {
			parts = append(parts, sedPart{"", group})
		}
	}
	for {
		c := p.take()
		switch {
		case c == 0:
			return nil, fmt.Errorf("a %q is missing", delimiter)
		case c == delimiter:
			flush(-1)
			return parts, nil
		case c == '&':
			flush(0)
		case c == '\\':
			switch e := p.take(); {
			case '0' <= e && e <= '9':
				flush(int(e - '0'))
			case e == 'n':
				text.WriteByte('\n')
			case e == 't':
				text.WriteByte('\t')
			default:
				text.WriteByte(e)
			}
		default:
			text.WriteByte(c)
		}
	}
}

func (p *sedParser) translation(l *sedLine) error {
	delimiter := p.take()
	from, err := p.until(delimiter)
	if err != nil {
		return err
	}
	to, err := p.until(delimiter)
	if err != nil {
		return err
	}
	if len(from) != len(to) {
		return fmt.Errorf("y: %q and %q have different lengths", from, to)
	}
	l.table = new([256]byte)
	for i := range l.table {
		l.table[i] = byte(i)
	}
	for i := range from {
		l.table[from[i]] = to[i]
	}
	return nil
}
