// Package quote writes words so that a POSIX shell reads them back unchanged,
// whatever characters they hold, and reads them back itself.
package quote

import (
	"fmt"
	"strings"
)

// Word quotes one word.
func Word(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'"
}

// Words quotes a list of words, for `eval "set -- …"`.
func Words(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = Word(word)
	}
	return strings.Join(quoted, " ")
}

// Split reads a list of words that are quoted as a shell's are, with ', " and \. Nothing in
// it is expanded.
func Split(list string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote byte
	begun := false
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch {
		case c == '\\' && escapes(quote, list[i+1:]):
			i++
			word.WriteByte(list[i])
			begun = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c in %q is not closed", quote, list)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// escapes tells whether a backslash before rest quotes what follows: anything outside
// quotes, little in double ones, nothing in single ones.
func escapes(quote byte, rest string) bool {
	switch {
	case rest == "" || quote == '\'':
		return false
	case quote == '"':
		return strings.IndexByte("$`\"\\\n", rest[0]) >= 0
	}
	return true
}
