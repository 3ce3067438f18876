package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func rmCommand() command.Command {
	return command.Command{
		Name: "rm", Summary: "remove files and folders", Operands: "[FILE…]", Forms: []string{"[-rv] FILE…", "-f [-rv] [FILE…]"},
		Options: []command.Option{
			{Names: "-r, -R, --recursive", Help: "remove folders with all that is in them"},
			{Names: "-f, --force", Help: "do not complain about files that do not exist"},
			verboseOption("removed"),
		},
		Run: tool(rm),
	}
}

func rm(ctx context.Context, c *call) error {
	recurse, force, verbose := c.Flag("recursive"), c.Flag("force"), c.Flag("verbose")
	if len(c.Args) == 0 && !force {
		return command.Usagef("expected 1 operand or more, got 0")
	}
	return c.each(ctx, c.Args, func(name string) error {
		path := c.Path(name)
		if base := filepath.Base(name); base == "." || base == ".." || filepath.Clean(path) == "/" {
			return fmt.Errorf("%s is never removed", name)
		}
		info, err := os.Lstat(path)
		switch {
		case force && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR)):
			return nil
		case err != nil:
			return err
		case info.IsDir() && !recurse:
			return fmt.Errorf("%s is a folder: not removed without -r", name)
		}
		return c.remove(ctx, path, verbose)
	})
}

// remove removes a file, or a folder with all that is in it, without following
// links, whoever puts them there meanwhile.
func (c *call) remove(ctx context.Context, path string, verbose bool) error {
	path = strings.TrimRight(path, "/")
	parent, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer parent.Close()
	return c.removeIn(ctx, parent, filepath.Base(path), path, verbose)
}

func (c *call) removeIn(ctx context.Context, parent *os.Root, name, path string, verbose bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := parent.Lstat(name)
	if err != nil {
		return &os.PathError{Op: "remove", Path: path, Err: cause(err)}
	}
	if info.IsDir() {
		if err := c.empty(ctx, parent, name, path, verbose); err != nil {
			return err
		}
	}
	if err := parent.Remove(name); err != nil {
		return &os.PathError{Op: "remove", Path: path, Err: cause(err)}
	}
	if verbose {
		c.Printf("removed '%s'\n", path)
	}
	return nil
}

func (c *call) empty(ctx context.Context, parent *os.Root, name, path string, verbose bool) error {
	folder, err := parent.OpenRoot(name)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: cause(err)}
	}
	defer folder.Close()
	entries, err := fs.ReadDir(folder.FS(), ".")
	for _, e := range entries {
		removeErr := c.removeIn(ctx, folder, e.Name(), filepath.Join(path, e.Name()), verbose)
		if removeErr != nil && ctx.Err() == nil {
			c.fail(removeErr)
		}
	}
	return errors.Join(ctx.Err(), err)
}

// cause strips what os puts around an error, to name the whole path instead.
func cause(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
