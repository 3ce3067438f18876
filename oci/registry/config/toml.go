package config

import (
	"fmt"
	"strconv"
	"strings"
)

// table is a table of TOML: values are bool, string, []string, table and []table.
type table map[string]any

// parseTOML reads as much of TOML 1.0 as containers-registries.conf(5) has: tables, arrays of
// tables, strings of one line, booleans, and arrays of strings. Anything else is an error.
func parseTOML(text string) (table, error) {
	p := &tomlParser{rest: text, line: 1}
	root := table{}
	current := root
	for {
		p.skipLines()
		if p.rest == "" {
			return root, nil
		}
		var err error
		if strings.HasPrefix(p.rest, "[") {
			current, err = p.header(root)
		} else {
			err = p.assign(current)
		}
		if err == nil {
			err = p.endLine()
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", p.line, err)
		}
	}
}

type tomlParser struct {
	rest string
	line int
}

func (p *tomlParser) skipBlanks() { p.rest = strings.TrimLeft(p.rest, " \t\r") }

func (p *tomlParser) skipComment() {
	if p.skipBlanks(); strings.HasPrefix(p.rest, "#") {
		_, after, _ := strings.Cut(p.rest, "\n")
		p.rest = p.rest[len(p.rest)-len(after):]
		p.line++
	}
}

// skipLines goes to the next line that says something.
func (p *tomlParser) skipLines() {
	for {
		before := len(p.rest)
		p.skipComment()
		if strings.HasPrefix(p.rest, "\n") {
			p.rest = p.rest[1:]
			p.line++
		}
		if len(p.rest) == before {
			return
		}
	}
}

func (p *tomlParser) endLine() error {
	p.skipBlanks()
	if p.rest == "" || p.rest[0] == '\n' || p.rest[0] == '#' {
		return nil
	}
	return fmt.Errorf("expected the end of the line, got %.20q", p.rest)
}

// take takes the text, if it is next.
func (p *tomlParser) take(text string) bool {
	p.skipBlanks()
	rest, ok := strings.CutPrefix(p.rest, text)
	p.rest = rest
	return ok
}

// header reads [a.b] or [[a.b]], and returns that table.
func (p *tomlParser) header(root table) (table, error) {
	end := "]"
	p.take("[")
	if p.take("[") {
		end = "]]"
	}
	path, err := p.key()
	if err != nil {
		return nil, err
	}
	if !p.take(end) {
		return nil, fmt.Errorf("expected %s", end)
	}
	parent, err := root.at(path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	name := path[len(path)-1]
	if end == "]" {
		return parent.at([]string{name})
	}
	list, ok := parent[name].([]table)
	if !ok && parent[name] != nil {
		return nil, fmt.Errorf("%s is no array of tables", name)
	}
	parent[name] = append(list, table{})
	return parent.at([]string{name})
}

// at returns the table below t by its path: of an array of tables the last.
func (t table) at(path []string) (table, error) {
	for _, name := range path {
		switch below := t[name].(type) {
		case nil:
			made := table{}
			t[name] = made
			t = made
		case table:
			t = below
		case []table:
			t = below[len(below)-1]
		default:
			return nil, fmt.Errorf("%s is no table", name)
		}
	}
	return t, nil
}

// key reads a name, bare or quoted, or several with dots between them.
func (p *tomlParser) key() (path []string, err error) {
	for {
		p.skipBlanks()
		var name string
		if strings.HasPrefix(p.rest, `"`) || strings.HasPrefix(p.rest, "'") {
			name, err = p.text()
		} else {
			end := strings.IndexFunc(p.rest, func(r rune) bool {
				return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
			})
			if end <= 0 {
				return nil, fmt.Errorf("expected a name, got %.20q", p.rest)
			}
			name, p.rest = p.rest[:end], p.rest[end:]
		}
		if err != nil {
			return nil, err
		}
		if path = append(path, name); !p.take(".") {
			return path, nil
		}
	}
}

func (p *tomlParser) assign(t table) error {
	path, err := p.key()
	if err != nil {
		return err
	}
	if !p.take("=") {
		return fmt.Errorf("%s: expected =", strings.Join(path, "."))
	}
	parent, err := t.at(path[:len(path)-1])
	if err != nil {
		return err
	}
	name := path[len(path)-1]
	if _, twice := parent[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	parent[name], err = p.value()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (p *tomlParser) value() (any, error) {
	p.skipBlanks()
	switch {
	case p.take("true"):
		return true, nil
	case p.take("false"):
		return false, nil
	case p.take("["):
		return p.array()
	case strings.HasPrefix(p.rest, `"`), strings.HasPrefix(p.rest, "'"):
		return p.text()
	}
	return nil, fmt.Errorf("expected true, false, a string or an array, got %.20q", p.rest)
}

// array reads the rest of an array of strings.
func (p *tomlParser) array() ([]string, error) {
	list := []string{}
	for {
		if p.skipLines(); p.take("]") {
			return list, nil
		}
		text, err := p.text()
		if err != nil {
			return nil, err
		}
		list = append(list, text)
		if p.skipLines(); !p.take(",") && !strings.HasPrefix(p.rest, "]") {
			return nil, fmt.Errorf("expected , or ], got %.20q", p.rest)
		}
	}
}

// text reads "basic" and 'literal' strings.
func (p *tomlParser) text() (string, error) {
	if rest, ok := strings.CutPrefix(p.rest, "'"); ok {
		text, after, closed := strings.Cut(rest, "'")
		if !closed || strings.Contains(text, "\n") {
			return "", fmt.Errorf("a ' is missing")
		}
		p.rest = after
		return text, nil
	}
	quoted, err := strconv.QuotedPrefix(p.rest)
	if err != nil || quoted[0] != '"' {
		return "", fmt.Errorf("expected a string, got %.20q", p.rest)
	}
	p.rest = p.rest[len(quoted):]
	return strconv.Unquote(quoted)
}
