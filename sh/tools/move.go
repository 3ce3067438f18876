package tools

import (
	"context"
	"errors"
	"fmt"
	"os"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func mvCommand() command.Command {
	return command.Command{
		Name: "mv", Summary: "move or rename files, across filesystems too", Operands: "SOURCE… TARGET", Run: tool(mv),
		Options: []command.Option{
			{Names: "-f, --force", Help: "do not ask, as it never does"},
			{Names: "-n, --no-clobber", Help: "keep files that exist"},
			{Names: "-T, --no-target-directory", Help: "replace TARGET, even if it is a folder, instead of moving into it"},
			verboseOption("moved"),
		},
	}
}

func mv(ctx context.Context, c *call) error {
	return c.intoTarget(ctx, c.Args, func(source, target string) error {
		if _, err := os.Lstat(target); err == nil && c.Flag("no-clobber") {
			return nil
		}
		if err := c.move(ctx, source, target); err != nil {
			return err
		}
		if c.Flag("verbose") {
			c.Printf("renamed '%s' -> '%s'\n", source, target)
		}
		return nil
	})
}

// move renames; to another filesystem it copies, and removes the original only
// when the copy is whole.
func (c *call) move(ctx context.Context, source, target string) error {
	err := unix.Rename(source, target)
	if err == nil {
		return nil
	}
	if !errors.Is(err, unix.EXDEV) {
		return &os.LinkError{Op: "rename", Old: source, New: target, Err: err}
	}
	if isFolder(target) {
		// empty, as rename(2) would have it
		if err := os.Remove(target); err != nil {
			return err
		}
	}
	failed := c.failed
	c.failed = false
	k := &copying{c: c, recurse: true, keep: true, links: true, force: true}
	err = k.copy(ctx, source, target)
	whole := err == nil && !c.failed
	c.failed = c.failed || failed
	if !whole {
		return errors.Join(err, fmt.Errorf("%s stays, as it could not be copied whole to %s", source, target))
	}
	return c.remove(ctx, source, false)
}
