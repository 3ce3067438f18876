package tools

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"bootrc/kit/command"
)

// finding is one call of find.
type finding struct {
	c        *call
	test     test
	maxDepth int // -1 for no limit
	minDepth int
	oneDev   bool
	depth    bool // a folder after what is in it
}

// found is a file that find looks at.
type found struct {
	path  string // as printed
	file  string // absolute
	info  fs.FileInfo
	depth int
}

// test is one primary of a find expression, or several put together.
type test func(ctx context.Context, f *found) (bool, error)

func findCommand() command.Command {
	return command.Command{
		Name: "find", Summary: "walk folders, test each file, and print those that pass or do something with them",
		Operands: "[PATH…] [TEST…]", Literal: true, Run: tool(find),
		Text: `Tests, which all must hold: -name PATTERN, -iname PATTERN (in any case), -path
PATTERN, -ipath PATTERN, -type LETTERS (f d l c b p s), -size [+|-]N (blocks of 512
bytes, or with c, k, M or G behind it bytes, KiB, MiB or GiB), -empty; ! TEST,
TEST -o TEST, ( TEST… ).

Where it goes: -maxdepth N, -mindepth N, -depth (a folder after what is in it),
-xdev (not to other filesystems).

What it does: -print, -print0 (names end in a zero byte), -delete, -exec COMMAND ;
(for each, its name being {}), -exec COMMAND {} + (for many at once).`,
		Examples: []string{`find /var -name '*.log' -size +1M -exec gzip {} +`},
	}
}

func find(ctx context.Context, c *call) error {
	paths := c.Args
	for i, arg := range c.Args {
		if strings.HasPrefix(arg, "-") || arg == "!" || arg == "(" {
			paths = c.Args[:i]
			break
		}
	}
	f := &finding{c: c, maxDepth: -1}
	p := &expression{find: f, words: c.Args[len(paths):]}
	if err := p.parse(); err != nil {
		return err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	err := c.each(ctx, paths, func(path string) error { return f.start(ctx, path) })
	return errors.Join(err, p.finish(ctx))
}

func (f *finding) start(ctx context.Context, path string) error {
	file := f.c.Path(path)
	info, err := os.Lstat(file)
	if err != nil {
		return err
	}
	return f.visit(ctx, &found{path, file, info, 0}, device(info))
}

func device(info fs.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Dev) }

func (f *finding) visit(ctx context.Context, at *found, dev uint64) error {
	if err := errors.Join(ctx.Err(), f.c.outputError()); err != nil {
		return err
	}
	if !f.depth {
		if err := f.apply(ctx, at); err != nil {
			return err
		}
	}
	if at.info.IsDir() && at.depth != f.maxDepth && (!f.oneDev || device(at.info) == dev) {
		if err := f.descend(ctx, at, dev); err != nil {
			return err
		}
	}
	if f.depth {
		return f.apply(ctx, at)
	}
	return nil
}

func (f *finding) apply(ctx context.Context, at *found) error {
	if at.depth < f.minDepth {
		return nil
	}
	_, err := f.test(ctx, at)
	return err
}

func (f *finding) descend(ctx context.Context, at *found, dev uint64) error {
	entries, err := os.ReadDir(at.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.c.fail(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone meanwhile, as files in /proc are
		}
		if err != nil {
			f.c.fail(err)
			continue
		}
		path := strings.TrimSuffix(at.path, "/") + "/" + e.Name()
		next := &found{path, filepath.Join(at.file, e.Name()), info, at.depth + 1}
		if err := f.visit(ctx, next, dev); err != nil {
			return err
		}
	}
	return nil
}
