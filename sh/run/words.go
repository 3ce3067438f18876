package run

import (
	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

// Fields splits a text into words as the shell would, variables included. Operators and
// command substitutions in it are errors: nothing runs.
func (sh *Shell) Fields(text string) ([]string, error) {
	words, err := syntax.ParseWords(text)
	if err != nil {
		return nil, err
	}
	var fields []string
	for _, w := range words {
		if fields, err = word.Fields(sh, fields, w); err != nil {
			return nil, err
		}
	}
	return fields, nil
}
