package sh

import (
	"strings"

	"bootrc/sh/syntax"
)

// Script is a parsed script, good to run any number of times.
type Script struct {
	Text string // what was parsed

	name     string
	commands syntax.List
	aliases  bool // it may make some: then it is parsed again, line by line, as it runs
	err      error
}

// Parse reads a script. A syntax error in it shows when it runs.
func Parse(name, text string) *Script {
	commands, err := syntax.ParseAll(text, 1, nil)
	s := &Script{Text: text, name: name, commands: commands, aliases: strings.Contains(text, "alias"), err: err}
	if s.aliases {
		// what it means depends on them
		s.err = nil
	}
	return s
}

// Check returns the syntax error of a script, or nil.
func (s *Script) Check() error {
	if s.err != nil {
		return syntaxFailure(s.name, s.err)
	}
	return nil
}
