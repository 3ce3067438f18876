package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/command"
	"bootrc/kit/inside"

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
	path = filepath.Clean(path)
	parent, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer parent.Close()
	inside.RemoveEach(parent, filepath.Base(path), func(removed func() string, err error) bool {
		switch {
		case err != nil:
			c.fail(err)
		case verbose:
			c.Printf("removed '%s'\n", c.Shown(removed()))
		}
		return ctx.Err() == nil
	})
	return ctx.Err()
}
