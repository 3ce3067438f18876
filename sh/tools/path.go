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
		define("basename", "PATH [SUFFIX]", "print the last part of a path", basename),
		define("dirname", "PATH…", "print paths without their last part", dirname),
		define("readlink", "[-fn] PATH…", "print what links point to; -f: with every link resolved", readlink),
		define("realpath", "PATH…", "print absolute paths with every link resolved", realpath),
	}
}

func basename(_ context.Context, c *call) error {
	operands, err := newOptions().parse(c.Args, 1, 2)
	if err != nil {
		return err
	}
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
	operands, err := newOptions().parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	for _, operand := range operands {
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
	o := newOptions()
	resolve, bare := o.flag("f", "canonicalize"), o.flag("n", "no-newline")
	operands, err := o.parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	end := "\n"
	if *bare {
		end = ""
	}
	for _, operand := range operands {
		target, err := os.Readlink(c.Path(operand))
		if *resolve {
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
	operands, err := newOptions().parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	return c.each(ctx, operands, func(operand string) error {
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
