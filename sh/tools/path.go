package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"bootrc/kit/command"
)

func pathCommands() []command.Command {
	return []command.Command{
		{Name: "basename", Summary: "print the last part of a path, without SUFFIX", Operands: "PATH [SUFFIX]", Run: tool(basename)},
		{Name: "dirname", Summary: "print paths without their last part", Operands: "PATH…", Run: tool(dirname)},
		{
			Name: "readlink", Summary: "print what links point to", Operands: "PATH…", Run: tool(readlink),
			Options: []command.Option{
				{Names: "-f, --canonicalize", Help: "print the absolute path, with every link resolved"},
				{Names: "-n, --no-newline", Help: "print no newline"},
			},
		},
		{Name: "realpath", Summary: "print absolute paths with every link resolved", Operands: "PATH…", Run: tool(realpath)},
	}
}

func basename(_ context.Context, c *call) error {
	operands := c.Args
	base := path.Base(operands[0])
	if operands[0] == "" {
		base = ""
	}
	if len(operands) == 2 && base != operands[1] {
		base = strings.TrimSuffix(base, operands[1])
	}
	c.Printf("%s\n", base)
	return nil
}

func dirname(_ context.Context, c *call) error {
	for _, operand := range c.Args {
		c.Printf("%s\n", parent(operand))
	}
	return nil
}

// parent follows XCU, dirname: nothing is cleaned.
func parent(p string) string {
	trimmed := strings.TrimRight(p, "/")
	if trimmed == "" && p != "" {
		return "/"
	}
	slash := strings.LastIndexByte(trimmed, '/')
	if slash < 0 {
		return "."
	}
	if dir := strings.TrimRight(trimmed[:slash], "/"); dir != "" {
		return dir
	}
	return "/"
}

func readlink(ctx context.Context, c *call) error {
	end := "\n"
	if c.Flag("no-newline") {
		end = ""
	}
	for _, operand := range c.Args {
		target, err := os.Readlink(c.Path(operand))
		if c.Flag("canonicalize") {
			target, err = resolveAll(c.Path(operand))
		}
		if err != nil {
			c.failed = true // silent, as scripts ask by status
			continue
		}
		c.Printf("%s%s", target, end)
	}
	return nil
}

func realpath(ctx context.Context, c *call) error {
	return c.each(ctx, c.Args, func(operand string) error {
		target, err := resolveAll(c.Path(operand))
		if err == nil {
			c.Printf("%s\n", target)
		}
		return err
	})
}

// resolveAll resolves every link; the last part of the path need not exist.
func resolveAll(p string) (string, error) {
	for range 40 {
		real, err := filepath.EvalSymlinks(p)
		if !errors.Is(err, fs.ErrNotExist) {
			return real, err
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(p))
		if err != nil {
			return "", err
		}
		last := filepath.Join(dir, filepath.Base(p))
		target, err := os.Readlink(last)
		if err != nil {
			return last, nil
		}
		// a link to what is missing
		if p = target; !filepath.IsAbs(p) {
			p = filepath.Join(dir, target)
		}
	}
	return "", fmt.Errorf("%s: too many links", p)
}
