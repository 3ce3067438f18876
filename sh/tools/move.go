package tools

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func mv(ctx context.Context, c *call) error {
	o := newOptions()
	o.flag("f", "force") // nothing ever asks
	noClobber, verbose, noFolder := o.flag("n", "no-clobber"), o.flag("v", "verbose"), o.flag("T", "no-target-directory")
	operands, err := o.parse(c.Args, 2, -1)
	if err != nil {
		return err
	}
	return c.intoTarget(ctx, operands, *noFolder, func(source, target string) error {
		if _, err := os.Lstat(target); err == nil && *noClobber {
			return nil
		}
		if err := c.move(ctx, source, target); err != nil {
			return err
		}
		if *verbose {
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
