package tools

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
