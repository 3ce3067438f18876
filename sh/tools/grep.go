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
	most                              int // lines of a file; all if negative
	before, after                     int // lines of context
	matched                           bool
	separate                          bool // something was printed before
}

func grepCommand() command.Command {
	return command.Command{
		Name: "grep", Summary: "print the lines that match a regular expression", Operands: "[PATTERN] [FILE…]",
		Forms: []string{"[OPTION…] PATTERN [FILE…]", "[OPTION…] -e PATTERN [-e PATTERN]… [FILE…]"},
		Options: []command.Option{
			{Names: "-E, --extended-regexp", Help: "read PATTERN as an extended regular expression"},
			{Names: "-F, --fixed-strings", Help: "look for PATTERN itself"},
			{Names: "-e, --regexp", Value: "PATTERN", Kind: command.List, Help: "print the lines that match this one, too"},
			{Names: "-i, --ignore-case", Help: "do not tell upper from lower case"},
			{Names: "-w, --word-regexp", Help: "match only whole words"},
			{Names: "-x, --line-regexp", Help: "match only whole lines"},
			{Names: "-v, --invert-match", Help: "print the lines that do not match"},
			{Names: "-c, --count", Help: "print only how many lines match"},
			{Names: "-l, --files-with-matches", Help: "print only the names of files with a match"},
			{Names: "-o, --only-matching", Help: "print only the parts that match"},
			{Names: "-A, --after-context", Value: "N", Kind: command.Count, Help: "print N lines behind each match, too"},
			{Names: "-B, --before-context", Value: "N", Kind: command.Count, Help: "print N lines before each match, too"},
			{Names: "-C, --context", Value: "N", Kind: command.Count, Help: "print N lines on both sides"},
			{Names: "-m, --max-count", Value: "N", Kind: command.Count, Help: "stop reading a file after N matching lines"},
			{Names: "-q, --quiet", Help: "print nothing; the status is the answer"},
			{Names: "-n, --line-number", Help: "print the number of each line"},
			{Names: "-h, --no-filename", Help: "never print the name of the file before a line"},
			{Names: "-H, --with-filename", Help: "always print it"},
			{Names: "-s, --no-messages", Help: "do not complain about files that cannot be read"},
			{Names: "-r, -R, --recursive", Help: "look into all files of folders; without FILE, of the current one"},
		},
		Statuses: []string{"1: no line matches", "2: an error"},
		Run:      tool(grep),
	}
}

func grep(ctx context.Context, c *call) error {
	patterns, operands := c.List("regexp"), c.Args
	if len(patterns) == 0 {
		if len(operands) == 0 {
			return command.Usagef("expected PATTERN")
		}
		patterns, operands = operands[:1], operands[1:]
	}
	syntax := basicSyntax
	switch {
	case c.Flag("fixed-strings"):
		syntax = fixedSyntax
	case c.Flag("extended-regexp"):
		syntax = extendedSyntax
	}
	re, err := compile(patterns, syntax, c.Flag("ignore-case"), c.Flag("word-regexp"), c.Flag("line-regexp"))
	if err != nil {
		return command.Usagef("%w", err)
	}
	recurse := c.Flag("recursive")
	if recurse && len(operands) == 0 {
		operands = []string{"."}
	}
	if c.Flag("no-messages") {
		c.Stderr = io.Discard
	}
	g := &grepping{
		c: c, re: re, most: -1, invert: c.Flag("invert-match"), count: c.Flag("count"), list: c.Flag("files-with-matches"),
		number: c.Flag("line-number"), only: c.Flag("only-matching"), quiet: c.Flag("quiet"),
		withName: (len(operands) > 1 || recurse || c.Flag("with-filename")) && !c.Flag("no-filename"),
	}
	g.before, g.after = c.Count("context"), c.Count("context")
	if c.Has("before-context") {
		g.before = c.Count("before-context")
	}
	if c.Has("after-context") {
		g.after = c.Count("after-context")
	}
	if c.Has("max-count") {
		g.most = c.Count("max-count")
	}
	return g.status(g.run(ctx, operands, recurse))
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
	around := &surroundings{g: g, name: name}
	for (selected != g.most || around.left > 0) && s.Scan() {
		number++
		if selected == g.most || g.re.Match(s.Bytes()) == g.invert {
			if err := around.pass(number, s.Bytes()); err != nil {
				return err
			}
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
		if err := around.match(number); err != nil {
			return err
		}
		if err := g.print(name, number, s.Bytes(), ":"); err != nil {
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
		g.c.Printf("%s%d\n", g.prefix(name, 0, ":"), selected)
	}
	return nil
}

func label(name string) string {
	if name == "-" {
		return "(standard input)"
	}
	return name
}

func (g *grepping) prefix(name string, number int, mark string) string {
	prefix := ""
	if g.withName {
		prefix = label(name) + mark
	}
	if g.number && number > 0 {
		prefix += fmt.Sprintf("%d%s", number, mark)
	}
	return prefix
}

func (g *grepping) print(name string, number int, line []byte, mark string) error {
	prefix := g.prefix(name, number, mark)
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
