package tools

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// patternKind is how a pattern of grep is written (XBD, chapter 9).
type patternKind int

const (
	basicSyntax patternKind = iota
	extendedSyntax
	fixedSyntax
)

// compile makes one expression of several patterns. A pattern may hold several
// lines, and any of them may match.
func compile(patterns []string, s patternKind, ignoreCase, word, line bool) (*regexp.Regexp, error) {
	var alternatives []string
	for _, pattern := range strings.Split(strings.Join(patterns, "\n"), "\n") {
		expr := regexp.QuoteMeta(pattern)
		if s != fixedSyntax {
			var err error
			if expr, err = translate(pattern, s == extendedSyntax); err != nil {
				return nil, fmt.Errorf("pattern %q: %w", pattern, err)
			}
		}
		alternatives = append(alternatives, "(?:"+expr+")")
	}
	expr := strings.Join(alternatives, "|")
	switch {
	case line:
		expr = "^(?:" + expr + ")$"
	case word:
		expr = `(?:^|\b)(?:` + expr + `)(?:\b|$)`
	}
	if ignoreCase {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", strings.Join(patterns, "\n"), err)
	}
	re.Longest()
	return re, nil
}

// translate rewrites a POSIX expression, basic or extended, with GNU's additions
// (\| \+ \? \< \> \w \s \b) in the syntax of package regexp.
func translate(pattern string, extended bool) (string, error) {
	var out strings.Builder
	start := true // of an expression, where * is itself and ^ an anchor
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		escaped := c == '\\'
		if escaped {
			if i++; i == len(pattern) {
				return "", errors.New("it ends in a backslash")
			}
			c = pattern[i]
		}
		if c == '[' && !escaped {
			set, n, err := bracket(pattern[i:])
			if err != nil {
				return "", err
			}
			out.WriteString(set)
			i, start = i+n-1, false
			continue
		}
		var token string
		var err error
		if token, start, err = translateOne(c, escaped, extended, start, pattern[i+1:]); err != nil {
			return "", err
		}
		out.WriteString(token)
	}
	return out.String(), nil
}

// translateOne rewrites one character, and says whether an expression starts after it.
func translateOne(c byte, escaped, extended, start bool, rest string) (string, bool, error) {
	literal := regexp.QuoteMeta(string(rune(c)))
	if c >= 0x80 {
		literal = string([]byte{c})
	}
	switch {
	case strings.IndexByte("(){}|+?", c) >= 0:
		if escaped == extended || start && strings.IndexByte("+?{", c) >= 0 {
			return literal, false, nil
		}
		if c == '{' && strings.HasPrefix(rest, ",") {
			return "{0", false, nil
		}
		return string(c), c == '(' || c == '|', nil
	case escaped && (c == '<' || c == '>'):
		return `\b`, false, nil
	case escaped && strings.IndexByte("wWsSbB", c) >= 0:
		return `\` + string(c), false, nil
	case escaped && c >= '1' && c <= '9':
		return "", false, fmt.Errorf(`the back-reference \%c is not supported`, c)
	case escaped:
		return literal, false, nil
	case c == '*' && start:
		return literal, false, nil
	case c == '^' && !extended && !start:
		return literal, false, nil
	case c == '$' && !extended && rest != "" && !strings.HasPrefix(rest, `\)`) && !strings.HasPrefix(rest, `\|`):
		return literal, false, nil
	case c == '^':
		return "^", true, nil
	case c == '.' || c == '*' || c == '$':
		return string(c), false, nil
	}
	return literal, false, nil
}

// bracket rewrites the bracket expression that s starts with, and returns its length in s.
func bracket(s string) (set string, length int, err error) {
	var out strings.Builder
	out.WriteByte('[')
	i := 1
	if strings.HasPrefix(s[i:], "^") {
		out.WriteByte('^')
		i++
	}
	for first := true; i < len(s); first = false {
		switch {
		case s[i] == ']' && !first:
			return out.String() + "]", i + 1, nil
		case strings.HasPrefix(s[i:], "[:"):
			end := strings.Index(s[i:], ":]")
			if end < 0 {
				return "", 0, errors.New("[: is not closed")
			}
			out.WriteString(s[i : i+end+2])
			i += end + 2
		case s[i] == '-' && !first && i+1 < len(s) && s[i+1] != ']':
			out.WriteByte('-')
			i++
		case strings.IndexByte(`\[]^-&~`, s[i]) >= 0:
			out.WriteString(`\` + s[i:i+1])
			i++
		default:
			out.WriteByte(s[i])
			i++
		}
	}
	return "", 0, errors.New("[ is not closed")
}
