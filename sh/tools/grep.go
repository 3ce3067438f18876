package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"bootrc/kit/command"
)

// grepping is one call of grep.
type grepping struct {
	c                                 *call
	re                                *regexp.Regexp
	invert, count, list, number, only bool
	quiet, withName                   bool
	matched                           bool
}

func grep(ctx context.Context, c *call) error {
	o := newOptions()
	extended, fixed, ignoreCase := o.flag("E", "extended-regexp"), o.flag("F", "fixed-strings"), o.flag("i", "ignore-case")
	word, line, patterns := o.flag("w", "word-regexp"), o.flag("x", "line-regexp"), o.texts("e", "regexp")
	invert, count, list, number := o.flag("v", "invert-match"), o.flag("c", "count"), o.flag("l", "files-with-matches"), o.flag("n", "line-number")
	only, quiet, recurse := o.flag("o", "only-matching"), o.flag("q", "quiet"), o.flag("rR", "recursive")
	silent, noName, withName := o.flag("s", "no-messages"), o.flag("h", "no-filename"), o.flag("H", "with-filename")
	operands, err := o.parse(c.Args, 0, -1)
	if err != nil {
		return err
	}
	if len(*patterns) == 0 {
		if len(operands) == 0 {
			return command.Usagef("the pattern is missing")
		}
		*patterns, operands = operands[:1], operands[1:]
	}
	syntax := basicSyntax
	switch {
	case *fixed:
		syntax = fixedSyntax
	case *extended:
		syntax = extendedSyntax
	}
	re, err := compile(*patterns, syntax, *ignoreCase, *word, *line)
	if err != nil {
		return command.Usagef("%w", err)
	}
	if *recurse && len(operands) == 0 {
		operands = []string{"."}
	}
	if *silent {
		c.Stderr = io.Discard
	}
	g := &grepping{
		c: c, re: re, invert: *invert, count: *count, list: *list, number: *number, only: *only, quiet: *quiet,
		withName: (len(operands) > 1 || *recurse || *withName) && !*noName,
	}
	return g.status(g.run(ctx, operands, *recurse))
}

// status is 0 if a line was selected, 1 if none was, 2 after an error.
func (g *grepping) status(err error) error {
	switch {
	case errors.Is(err, errEnough), err == nil && g.matched && !g.c.failed:
		g.c.failed = false // -q: found is found, whatever else could not be read
		return nil
	case err != nil:
		return err
	case g.c.failed:
		return command.Status(2)
	}
	return command.Status(1)
}

func (g *grepping) run(ctx context.Context, operands []string, recurse bool) error {
	files := operands
	if recurse {
		files = nil
		for _, operand := range operands {
			if err := g.filesBelow(ctx, operand, &files); err != nil {
				return err
			}
		}
		if len(files) == 0 {
			return nil
		}
	}
	return g.c.eachInput(ctx, files, func(name string, r io.Reader) error {
		err := g.search(name, r)
		if err != nil && !errors.As(err, new(*fs.PathError)) {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err
	})
}

func (g *grepping) filesBelow(ctx context.Context, operand string, files *[]string) error {
	root := g.c.Path(operand)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			g.c.fail(err)
			return nil
		}
		// as named on the command line; devices and pipes would block
		if d.Type().IsRegular() || path == root && !d.IsDir() {
			name := strings.TrimSuffix(operand, "/") + strings.TrimPrefix(path, root)
			*files = append(*files, name)
		}
		return nil
	})
}

func (g *grepping) search(name string, r io.Reader) error {
	selected, number := 0, 0
	s := lines(r)
	for s.Scan() {
		number++
		if g.re.Match(s.Bytes()) == g.invert {
			continue
		}
		selected++
		g.matched = true
		if g.quiet {
			return errEnough
		}
		if g.list {
			break
		}
		if g.count {
			continue
		}
		if bytes.IndexByte(s.Bytes(), 0) >= 0 {
			g.c.Printf("%s: %s: binary file matches\n", g.c.Name, label(name))
			return nil
		}
		if err := g.print(name, number, s.Bytes()); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	switch {
	case g.list && selected > 0:
		g.c.Printf("%s\n", label(name))
	case g.count && !g.list && !g.quiet:
		g.c.Printf("%s%d\n", g.prefix(name, 0), selected)
	}
	return nil
}

func label(name string) string {
	if name == "-" {
		return "(standard input)"
	}
	return name
}

func (g *grepping) prefix(name string, number int) string {
	prefix := ""
	if g.withName {
		prefix = label(name) + ":"
	}
	if g.number && number > 0 {
		prefix += fmt.Sprintf("%d:", number)
	}
	return prefix
}

func (g *grepping) print(name string, number int, line []byte) error {
	prefix := g.prefix(name, number)
	if !g.only {
		_, err := fmt.Fprintf(g.c.out, "%s%s\n", prefix, line)
		return err
	}
	if g.invert {
		return nil
	}
	for _, match := range g.re.FindAll(line, -1) {
		if len(match) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(g.c.out, "%s%s\n", prefix, match); err != nil {
			return err
		}
	}
	return nil
}
