package sh

import (
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Script is a parsed script, good to run any number of times.
type Script struct {
	Text string // what was parsed

	name string
	file *syntax.File
	err  error
}

// Parse reads a script. That it is none shows when it runs.
func Parse(name, text string) *Script {
	file, err := parse(strings.NewReader(text), name)
	return &Script{text, name, file, err}
}

// parse reads a script. The parser's own variant of POSIX takes `export`,
// `readonly` and `local` for commands that the interpreter then does not have;
// its Bash variant is a superset that has them.
func parse(script io.Reader, name string) (*syntax.File, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(script, name)
	if err == nil {
		quoteEscapes(file)
		completeReturns(file)
	}
	return file, err
}

// quoteEscapes writes each unquoted \x of a script as 'x', which means the same:
// in assignments, redirections and the subject of a case the interpreter would
// leave the backslash standing.
func quoteEscapes(file *syntax.File) {
	syntax.Walk(file, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.DblQuoted:
			return false // a backslash has other rules there
		case *syntax.Redirect:
			if node.Hdoc != nil {
				return false // and here
			}
		case *syntax.Word:
			node.Parts = quoteEscapedParts(node.Parts)
		}
		return true
	})
}

func quoteEscapedParts(parts []syntax.WordPart) []syntax.WordPart {
	var quoted []syntax.WordPart
	for _, part := range parts {
		literal, ok := part.(*syntax.Lit)
		if !ok || !strings.Contains(literal.Value, `\`) {
			quoted = append(quoted, part)
			continue
		}
		quoted = append(quoted, splitEscapes(literal)...)
	}
	return quoted
}

func splitEscapes(literal *syntax.Lit) []syntax.WordPart {
	var parts []syntax.WordPart
	rest := literal.Value
	for {
		plain, after, found := strings.Cut(rest, `\`)
		if plain != "" || !found && len(parts) == 0 {
			parts = append(parts, &syntax.Lit{ValuePos: literal.ValuePos, ValueEnd: literal.ValueEnd, Value: plain})
		}
		if !found {
			return parts
		}
		width := 1
		for width < len(after) && after[width]&0xc0 == 0x80 {
			width++ // the rest of a UTF-8 sequence
		}
		if after == "" {
			after, width = `\`, 1 // a backslash that ends the script stands for itself
		}
		parts = append(parts, &syntax.SglQuoted{Left: literal.ValuePos, Right: literal.ValueEnd, Value: after[:width]})
		rest = after[width:]
	}
}

// completeReturns writes each plain `return` of a script as `return "$?"`, which means
// the same: the interpreter would return 0.
func completeReturns(file *syntax.File) {
	syntax.Walk(file, func(node syntax.Node) bool {
		if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) == 1 && call.Args[0].Lit() == "return" {
			status := &syntax.ParamExp{Short: true, Param: &syntax.Lit{Value: "?"}}
			call.Args = append(call.Args, &syntax.Word{Parts: []syntax.WordPart{
				&syntax.DblQuoted{Parts: []syntax.WordPart{status}},
			}})
		}
		return true
	})
}
