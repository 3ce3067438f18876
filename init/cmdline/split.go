// Package cmdline reads the kernel's command line by boot2container's grammar
// and turns what its table of arguments knows into shell variables.
package cmdline

import (
	"fmt"
	"strings"
)

// Arg is one word of a command line: NAME or NAME=VALUE.
type Arg struct {
	Name     string
	Value    string
	HasValue bool // a "=" was there, even if nothing followed it
}

// Split cuts a command line into its arguments. White space outside double
// quotes separates; double quotes are deleted wherever they stand; inside them
// \" is a literal quote, and a newline is kept. A single quote is an ordinary
// character. Where a quote is never closed, the arguments before the broken
// one are returned with an error that names it.
func Split(line string) ([]Arg, error) {
	var args []Arg
	for {
		line = strings.TrimLeft(line, separators)
		if line == "" {
			return args, nil
		}
		word, rest, err := nextWord(line)
		if err != nil {
			return args, err
		}
		name, value, hasValue := strings.Cut(word, "=")
		args = append(args, Arg{name, value, hasValue})
		line = rest
	}
}

func nextWord(line string) (word, rest string, err error) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\' && i+1 < len(line) && line[i+1] == '"':
			b.WriteByte('"')
			i++
		case !quoted && isSpace(c):
			return b.String(), line[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		name, _, _ := strings.Cut(b.String(), "=")
		return "", "", fmt.Errorf("argument %q: a double quote is not closed: write %s=\"…\"", name, name)
	}
	return b.String(), "", nil
}

// WithoutComments deletes each # that begins a word, up to the end of its line.
func WithoutComments(text string) string {
	var b strings.Builder
	quoted, begins := false, true
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case begins && c == '#':
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return b.String()
			}
			i, c = i+end, '\n'
		case quoted && c == '\\' && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte(c)
			i, c = i+1, '"'
		case c == '"':
			quoted = !quoted
		}
		b.WriteByte(c)
		begins = !quoted && isSpace(c)
	}
	return b.String()
}

// separators are the white space that stands between arguments.
const separators = " \t\r\n\v\f\x00"

func isSpace(c byte) bool { return strings.IndexByte(separators, c) >= 0 }

// Quote writes a word as Split reads it. A backslash at its end would escape the
// closing quote, and stands behind that.
func Quote(word string) string {
	body := strings.TrimRight(word, `\`)
	return `"` + strings.ReplaceAll(body, `"`, `\"`) + `"` + word[len(body):]
}
