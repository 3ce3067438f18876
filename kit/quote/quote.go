// Package quote writes words so that a POSIX shell reads them back unchanged,
// whatever characters they hold.
package quote

import "strings"

// Word quotes one word. It does so without backslashes, which mvdan.cc/sh gets
// wrong where a text for eval assigns to a variable.
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
